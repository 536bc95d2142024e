"""What Kubernetes puts into the environment of every pod."""

from __future__ import annotations


def service(named: str, address: str) -> dict[str, str]:
    """The variables of a Service with two ports, of which the first has a name, by its own name in capitals."""
    told = f"[{address}]" if ":" in address else address
    variables = {
        f"{named}_SERVICE_HOST": address,
        f"{named}_SERVICE_PORT": "8080",
        f"{named}_SERVICE_PORT_HTTP": "8080",
        f"{named}_SERVICE_PORT_HTTP_METRICS": "9102",
        f"{named}_PORT": f"tcp://{told}:8080",
    }
    for port, protocol in (("8080", "tcp"), ("9102", "udp"), ("132", "sctp")):
        one = f"{named}_PORT_{port}_{protocol.upper()}"
        variables |= {
            one: f"{protocol}://{told}:{port}",
            f"{one}_PROTO": protocol,
            f"{one}_PORT": port,
            f"{one}_ADDR": address,
        }
    return variables
