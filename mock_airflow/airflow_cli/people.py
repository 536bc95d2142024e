"""``airflow users`` and ``airflow roles``: commands that the FAB auth manager brings."""

from __future__ import annotations

from msgspec.structs import replace

from mock_airflow.access.digests import digest
from mock_airflow.airflow_cli.arguments import OUTPUT
from mock_airflow.airflow_cli.command import Cli, Crash, Exit, argument, command
from mock_airflow.domain import roles, users
from mock_airflow.domain.errors import EmailTakenError, RoleNameTakenError
from mock_airflow.domain.records import User

_NAME = argument("-u", "--username", help="Username of the user")
_EMAIL = argument("-e", "--email", help="Email of the user")
_ROLE = argument("-r", "--role", help="Role of the user", required=True)
_PASSWORD = argument("-p", "--password", help="Password of the user")
_RANDOM = argument("--use-random-password", help="Do not prompt for password", action="store_true")
_ROLES = argument("role", help="The name of a role", nargs="*")


@command("users list", OUTPUT)
def users_list(cli: Cli) -> None:
    """List users"""
    rows = sorted(cli.airflow.users, key=lambda user: user.id)
    cli.show(
        [
            {
                "id": user.id,
                "username": user.username,
                "email": user.email,
                "first_name": user.first_name,
                "last_name": user.last_name,
                "roles": list(user.roles),
            }
            for user in rows
        ]
    )


@command(
    "users create",
    _ROLE,
    argument("-u", "--username", help="Username of the user", required=True),
    argument("-e", "--email", help="Email of the user", required=True),
    argument("-f", "--firstname", help="First name of the user", required=True),
    argument("-l", "--lastname", help="Last name of the user", required=True),
    _PASSWORD,
    _RANDOM,
    event="users_create",
)
def users_create(cli: Cli) -> None:
    """Create a user"""
    args = cli.args
    _demand_role(cli, f"{args.role} is not")
    password = _password(cli)
    if users.named(cli.airflow, args.username) is not None:
        cli.say(f"{args.username} already exist in the db")
        return
    try:
        users.create(
            cli.airflow,
            username=args.username,
            email=args.email,
            first_name=args.firstname,
            last_name=args.lastname,
            password_digest=digest(password),
            roles=[args.role],
            otherwise=None,
        )
    except EmailTakenError:
        raise Exit("Failed to create user") from None
    cli.say(f'User "{args.username}" created with role "{args.role}"')


def _password(cli: Cli) -> str:
    """The new password. Raises Exit where it would be asked for, as there is nobody to ask (code: getpass fails)."""
    if cli.args.use_random_password:
        return cli.airflow.ids.hex(16, "password")
    if not cli.args.password:
        raise Crash("EOFError", "EOF when reading a line")
    return str(cli.args.password)


def _demand_role(cli: Cli, beginning: str) -> None:
    if cli.args.role not in cli.airflow.roles:
        known = [role.name for role in sorted(cli.airflow.roles, key=lambda role: role.id)]
        raise Exit(f"{beginning} a valid role. Valid roles are: [{', '.join(known)}]")


def _found(cli: Cli) -> User:
    """The user whom the command is about. Raises Exit."""
    name, email = cli.args.username, cli.args.email
    if not name and not email:
        raise Exit("Missing args: must supply one of --username or --email")
    if name and email:
        raise Exit("Conflicting args: must supply either --username or --email, but not both")
    user = users.named(cli.airflow, name) if name else cli.airflow.users.lookup("email", email)
    if user is None:
        raise Exit(f'User "{name or email}" does not exist')
    return user


@command("users delete", _NAME, _EMAIL, event="users_delete")
def users_delete(cli: Cli) -> None:
    """Delete a user"""
    user = _found(cli)
    users.delete(cli.airflow, user.username)
    cli.say(f'User "{user.username}" deleted')


@command("users reset-password", _NAME, _EMAIL, _PASSWORD, _RANDOM, event="user_reset_password")
def user_reset_password(cli: Cli) -> None:
    """Reset a user's password"""
    user = _found(cli)
    cli.airflow.users.put(replace(user, password_digest=digest(_password(cli)), changed_on=cli.airflow.now()))
    cli.say(f'User "{user.username}" password reset successfully')


@command("users add-role", _NAME, _EMAIL, _ROLE, event="users_manage_role")
def add_role(cli: Cli) -> None:
    """Add role to a user"""
    user, role = _found(cli), cli.args.role
    _demand_role(cli, f'"{role}" is not')
    if role in user.roles:
        raise Exit(f'User "{user.username}" is already a member of role "{role}"')
    cli.airflow.users.put(replace(user, roles=(*user.roles, role), changed_on=cli.airflow.now()))
    cli.say(f'User "{user.username}" added to role "{role}"')


@command("users remove-role", _NAME, _EMAIL, _ROLE, event="users_manage_role")
def remove_role(cli: Cli) -> None:
    """Remove role from a user"""
    user, role = _found(cli), cli.args.role
    _demand_role(cli, f'"{role}" is not')
    if role not in user.roles:
        raise Exit(f'User "{user.username}" is not a member of role "{role}"')
    left = tuple(each for each in user.roles if each != role)
    cli.airflow.users.put(replace(user, roles=left, changed_on=cli.airflow.now()))
    cli.say(f'User "{user.username}" removed from role "{role}"')


@command("roles list", argument("-p", "--permission", help="Show role permissions", action="store_true"), OUTPUT)
def roles_list(cli: Cli) -> None:
    """List roles"""
    if not cli.args.permission:
        cli.show([{"name": name} for name in sorted(role.name for role in cli.airflow.roles)])
        return
    held: dict[tuple[str, str], list[str]] = {}
    for role in cli.airflow.roles:
        for permission in role.actions:
            held.setdefault((role.name, permission.resource), []).append(permission.action)
    cli.show(
        [{"name": name, "resource": what, "action": ",".join(sorted(held[name, what]))} for name, what in sorted(held)]
    )


@command("roles create", _ROLES, event="roles_create")
def roles_create(cli: Cli) -> None:
    """Create role"""
    for name in cli.args.role:
        try:
            roles.create(cli.airflow, name, ())
        except RoleNameTakenError:
            continue  # it is there, which is all that is asked for (code)
    cli.say(f"Added {len(cli.args.role)} role(s)")


@command("roles delete", _ROLES, event="roles_delete")
def roles_delete(cli: Cli) -> None:
    """Delete role"""
    for name in cli.args.role:
        if name not in cli.airflow.roles:
            cli.say(f"Role named '{name}' does not exist")
            raise Exit
    for name in cli.args.role:
        roles.delete(cli.airflow, name)
    cli.say(f"Deleted {len(cli.args.role)} role(s)")
