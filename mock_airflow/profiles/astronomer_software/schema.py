"""The part of Houston's GraphQL schema that is served: its types and fields by their names (code)."""

SCHEMA = '''
"""A moment, such as 2020-07-22T15:44:28.000Z."""
scalar DateTime
scalar JSON
scalar Uuid

enum EntityType { DEPLOYMENT SYSTEM WORKSPACE }

enum Role {
  DEPLOYMENT_ADMIN DEPLOYMENT_EDITOR DEPLOYMENT_VIEWER
  SYSTEM_ADMIN SYSTEM_EDITOR SYSTEM_VIEWER
  USER
  WORKSPACE_ADMIN WORKSPACE_EDITOR WORKSPACE_VIEWER
}

type ServiceAccount {
  id: String!
  label: String
  category: String
  apiKey: String
  active: Boolean
  entityType: String!
  entityUuid: Uuid
  deploymentUuid: Uuid
  workspaceUuid: Uuid
  roleBinding: RoleBinding!
  createdAt: DateTime!
  updatedAt: DateTime!
  lastUsedAt: DateTime
}

type RoleBinding {
  role: String
  workspace: Workspace
  deployment: Deployment
}

type Workspace {
  id: String!
  uuid: Uuid
  label: String
  description: String
  active: Boolean
  createdAt: DateTime!
  updatedAt: DateTime!
  deployments: [Deployment!]
}

type DeploymentUrl { type: String url: String }
type DeployInfo { current: String nextCli: String }

type Deployment {
  id: String!
  label: String
  description: String
  releaseName: String
  type: String
  status: String
  version: String
  airflowVersion: String
  urls: [DeploymentUrl!]
  deployInfo: DeployInfo
  workspace: Workspace
  createdAt: DateTime!
  updatedAt: DateTime!
}

type TokenPayload { uuid: Uuid iat: Int exp: Int }
type Token { value: String payload: TokenPayload }
type User { id: String! username: String fullName: String status: String }
type AuthUserCapabilities { canSysAdmin: Boolean }

type AuthUser {
  user: User
  token: Token
  isAdmin: Boolean
  authUserCapabilities: AuthUserCapabilities
}

type AuthProvider { name: String! displayName: String url: String! }

type AuthConfig {
  localEnabled: Boolean
  publicSignup: Boolean
  initialSignup: Boolean
  externalSignupUrl: String
  providers: [AuthProvider!]!
}

type AppConfig {
  version: String
  baseDomain: String
  smtpConfigured: Boolean
  manualReleaseNames: Boolean
}

input DeploymentWhereUniqueInput { id: String releaseName: String }

type Query {
  appConfig: AppConfig
  authConfig(redirect: String, duration: Int, extras: JSON, inviteToken: String): AuthConfig!
  self: AuthUser!
  workspaces: [Workspace!]
  workspace(workspaceUuid: Uuid!): Workspace
  deployments: [Deployment!]
  deployment(where: DeploymentWhereUniqueInput!): Deployment
  workspaceDeployments(workspaceUuid: Uuid!, releaseName: String): [Deployment!]
  workspaceDeployment(workspaceUuid: Uuid!, releaseName: String!): Deployment
  deploymentServiceAccounts(deploymentUuid: Uuid!): [ServiceAccount!]
  deploymentServiceAccount(deploymentUuid: Uuid!, serviceAccountUuid: Uuid!): ServiceAccount!
  workspaceServiceAccounts(workspaceUuid: Uuid!): [ServiceAccount!]
  workspaceServiceAccount(workspaceUuid: Uuid!, serviceAccountUuid: Uuid!): ServiceAccount
  serviceAccounts(entityType: EntityType!, entityUuid: Uuid, serviceAccountUuid: Uuid): [ServiceAccount!]
}

type Mutation {
  createToken(identity: String, password: String, duration: Int): AuthUser!
  createWorkspace(label: String, description: String): Workspace!
  deleteWorkspace(workspaceUuid: Uuid): Workspace!
  createDeployment(workspaceUuid: Uuid, label: String, releaseName: String, type: String): Deployment!
  deleteDeployment(deploymentUuid: Uuid): Deployment!
  createDeploymentServiceAccount(
    deploymentUuid: Uuid, label: String, category: String, role: Role
  ): ServiceAccount!
  createWorkspaceServiceAccount(
    workspaceUuid: Uuid, label: String, category: String, role: Role
  ): ServiceAccount!
  createSystemServiceAccount(label: String, category: String, role: Role): ServiceAccount!
  createServiceAccount(
    entityType: EntityType, entityUuid: Uuid, label: String, category: String, role: Role
  ): ServiceAccount!
  updateDeploymentServiceAccount(deploymentUuid: Uuid, serviceAccountUuid: Uuid, payload: JSON): ServiceAccount!
  updateWorkspaceServiceAccount(workspaceUuid: Uuid, serviceAccountUuid: Uuid, payload: JSON): ServiceAccount!
  updateServiceAccount(serviceAccountUuid: Uuid, payload: JSON): ServiceAccount!
  deleteDeploymentServiceAccount(deploymentUuid: Uuid, serviceAccountUuid: Uuid): ServiceAccount!
  deleteWorkspaceServiceAccount(workspaceUuid: Uuid, serviceAccountUuid: Uuid): ServiceAccount!
  deleteSystemServiceAccount(serviceAccountUuid: Uuid): ServiceAccount!
  deleteServiceAccount(serviceAccountUuid: Uuid): ServiceAccount!
}
'''
