"""Clients that dawdle: they hold a connection only for a while, and nobody else waits for them."""

import socket
import threading
import time

from acceptance import Server, request

CLIENTS = 40
IDLE_SECONDS = 2
REQUEST_SECONDS = 3
# Nobody works for these clients; what others wait for is a busy machine.
OTHERS_WAIT_SECONDS = 8
# What the limits promise, and some time for a busy machine.
PATIENCE = IDLE_SECONDS + REQUEST_SECONDS + 10


def connect(port, small=False):
    one = socket.socket()
    if small:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(PATIENCE)
    one.connect(("127.0.0.1", port))
    return one


def slow_head(port):
    """A header, letter by letter."""
    return dribble(connect(port), b"GET /healthz HTTP/1.1\r\nX-Long: ")


def slow_body(port):
    """A batch, letter by letter."""
    head = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    return dribble(connect(port), head)


def dribble(one, start):
    """Whether the server made an end of it in time."""
    begin = time.monotonic()
    try:
        one.sendall(start)
        while time.monotonic() - begin < PATIENCE:
            one.sendall(b"x")
            one.settimeout(0.3)
            try:
                answer = one.recv(4096)
                if not answer or b" 503 " in answer or b" 400 " in answer or b" 408 " in answer:
                    return True
            except TimeoutError:
                pass
        return False
    except OSError:
        return True
    finally:
        one.close()


def slow_reader(port):
    """Asks for much and reads nothing of it."""
    one = connect(port, small=True)
    ask = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    try:
        for _ in range(200):
            one.sendall(ask)
        time.sleep(PATIENCE - 3)
        one.settimeout(PATIENCE)
        received = 0
        while chunk := one.recv(1 << 20):
            received += len(chunk)
        return received < 200 * size_of(port)
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        one.close()


def size_of(port):
    return len(request("GET", f"http://127.0.0.1:{port}/api/openapi.json")[2])


def rest(server):
    """Resident bytes once the server has come to rest after its start."""
    last = server.resident()
    for _ in range(20):
        time.sleep(1)
        now = server.resident()
        if abs(now - last) < 2_000_000:
            return now
        last = now
    return last


def check(checks, folder, port):
    limits = {"PERENNIAL_LIMITS_IDLE_SECONDS": str(IDLE_SECONDS), "PERENNIAL_LIMITS_REQUEST_SECONDS": str(REQUEST_SECONDS)}
    with Server(folder / "slow/data", port, limits) as server:
        before = rest(server)
        ended = {kind: [] for kind in (slow_head, slow_body, slow_reader)}
        threads = [
            threading.Thread(target=lambda kind=kind: ended[kind].append(kind(port))) for kind in ended for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        waits = []
        while any(thread.is_alive() for thread in threads):
            start = time.monotonic()
            status = request("GET", server.url + "/healthz", timeout=30)[0]
            waits.append(time.monotonic() - start if status == 200 else 30)
            time.sleep(0.05)
        for kind, answers in ended.items():
            checks.equal(f"{kind.__doc__[:-1]}: the server makes an end of it", answers.count(True), CLIENTS)
        checks.check("others are served meanwhile", max(waits) < OTHERS_WAIT_SECONDS, f"{max(waits):.2f} s")
        grown = server.resident() - before
        checks.check("memory is bounded with slow clients", grown < 300_000_000, f"{grown / 1e6:.0f} MB more")
        checks.check("their connections are gone", server.open_files() < 100, server.open_files())
