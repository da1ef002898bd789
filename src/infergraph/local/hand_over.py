"""How a server gives up a port on which another one goes on."""

from infergraph.servers.http_server import HttpServer


def hand_over(server: HttpServer) -> None:
    """Take no more connections from now on, and finish those that are there.

    Connections that wait are lost to nobody: the socket is the supervisor's, and whoever accepts from it next has them.
    """
    server.stop_listening()
    server.should_exit = True
