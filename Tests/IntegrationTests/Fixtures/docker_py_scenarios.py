# SPDX-License-Identifier: Apache-2.0
# What programs do with docker-py 7.1, one function each: `docker_py_scenarios.py NAME ARCHIVE` runs one against DOCKER_HOST.
import socket
import sys
import threading
import time

import docker

client = docker.from_env(timeout=30)


def expect(condition, *shown):
    if not condition:
        raise AssertionError(repr(shown))


def system():
    expect(client.ping() is True)
    version = client.version()
    expect(version["ApiVersion"] == "1.51" and version["MinAPIVersion"] == "1.24", version)
    info = client.info()
    expect(info["Swarm"]["LocalNodeState"] == "inactive", info)
    old = docker.from_env(version="1.35")
    expect(old.ping() is True)


def images():
    image = client.images.get("busybox")
    expect(image.tags == ["busybox:latest"], image.tags)
    expect(image.tag("other", "v1") is True)
    expect({tag for i in client.images.list() for tag in i.tags} == {"busybox:latest", "other:v1"})
    client.images.remove("other:v1")
    expect(client.images.list(name="other") == [])
    with open(sys.argv[2], "rb") as archive:
        loaded = client.images.load(archive)
    expect(loaded[0].tags == ["busybox:latest"], loaded)
    try:
        client.images.get("nosuch:1")
        expect(False)
    except docker.errors.ImageNotFound:
        pass


def run():
    expect(client.containers.run("busybox", "echo hello", remove=True) == b"hello\n")
    expect(client.containers.run("busybox", ["sh", "-c", "echo e >&2"], stderr=True, stdout=False, remove=True) == b"e\n")
    try:
        client.containers.run("busybox", "sh -c 'echo bad >&2; exit 3'", remove=True)
        expect(False)
    except docker.errors.ContainerError as error:
        expect(error.exit_status == 3 and b"bad" in error.stderr, error)
    output = client.containers.run(
        "busybox", "sh -c 'echo $A; pwd; id -u; hostname'", environment={"A": "b"}, working_dir="/tmp", user="www",
        hostname="hh", mem_limit="64m", nano_cpus=500000000, cap_drop=["ALL"], read_only=True, tmpfs={"/t": "size=1m"},
        network_mode="none", labels={"x": "y"}, remove=True)
    expect(output.split() == [b"b", b"/tmp", b"1000", b"hh"], output)


def lifecycle():
    container = client.containers.run("busybox", "sleep 300", name="c1", detach=True, init=True, stop_signal="SIGKILL")
    expect(container.status == "created" or container.status == "running", container.status)
    container.reload()
    expect(container.status == "running" and container.name == "c1", container.attrs)
    expect([c.id for c in client.containers.list()] == [container.id])
    container.pause()
    container.reload()
    expect(container.status == "paused")
    container.unpause()
    container.rename("d1")
    expect(client.containers.get("d1").id == container.id)
    container.restart(timeout=1)
    expect(container.top()["Processes"])
    container.stop(timeout=1)
    expect(container.wait()["StatusCode"] == 137)
    container.start()
    container.kill("SIGKILL")
    expect(container.wait(condition="not-running")["StatusCode"] == 137)
    container.remove(v=True)
    try:
        client.containers.get("d1")
        expect(False)
    except docker.errors.NotFound:
        pass


def wait_for_removal():
    container = client.containers.create("busybox", "sh -c 'exit 4'")
    results = []
    waiter = threading.Thread(target=lambda: results.append(container.wait(condition="next-exit")))
    waiter.start()
    time.sleep(0.3)
    container.start()
    waiter.join(10)
    expect(results and results[0]["StatusCode"] == 4, results)
    container.remove()


def logs():
    container = client.containers.run("busybox", "sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done; echo e >&2'", detach=True)
    lines = [line for line in container.logs(stream=True, follow=True)]
    expect(b"".join(lines).replace(b"e\n", b"") == b"1\n2\n3\n", lines)
    expect(container.logs(stderr=False) == b"1\n2\n3\n")
    expect(container.logs(stdout=False) == b"e\n")
    expect(b"T" in container.logs(timestamps=True))
    container.remove()


def expect_output(container, command, accepts, **options):
    """Asks again a few times: docker-py drops the output that it reads together with the answer's head (it goes on below its own buffer)."""
    results = []
    while len(results) < 4 and not (results and accepts(*results[-1])):
        results.append(container.exec_run(command, **options))
    expect(accepts(*results[-1]), command, results)


def execute():
    container = client.containers.run("busybox", "sleep 300", detach=True)
    expect_output(container, "sh -c 'echo o; echo e >&2; exit 7'", lambda code, output: code == 7 and sorted(output.split()) == [b"e", b"o"])
    expect_output(container, "sh -c 'echo o; echo e >&2'", lambda _, output: output == (b"o\n", b"e\n"), demux=True)
    expect_output(container, "id -un", lambda _, output: output == b"www\n", user="www", workdir="/tmp", environment={"A": "1"})
    expect_output(container, "tty", lambda _, output: output.startswith(b"/dev/pts/"), tty=True)
    _, stream = container.exec_run("cat", stdin=True, socket=True)
    raw = stream._sock
    raw.sendall(b"typed")
    raw.shutdown(socket.SHUT_WR)
    received = b""
    while part := raw.recv(4096):
        received += part
    expect(received.endswith(b"typed") and len(received) == 13, received)
    exec_id = client.api.exec_create(container.id, "true")["Id"]
    client.api.exec_start(exec_id)
    expect(client.api.exec_inspect(exec_id)["ExitCode"] == 0)
    container.remove(force=True)


def attach():
    container = client.containers.create("busybox", "cat", stdin_open=True, tty=False)
    stream = container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    container.start()
    stream._sock.sendall(b"hello\n")
    stream._sock.shutdown(socket.SHUT_WR)
    received = b""
    while part := stream._sock.recv(4096):
        received += part
    expect(received.endswith(b"hello\n"), received)
    container.wait()
    container.remove()


def volumes():
    volume = client.volumes.create("v1", labels={"a": "b"})
    expect(volume.attrs["Labels"] == {"a": "b"}, volume.attrs)
    client.containers.run("busybox", "sh -c 'echo kept >/v/f'", volumes={"v1": {"bind": "/v", "mode": "rw"}}, remove=True)
    output = client.containers.run("busybox", "cat /v/f", mounts=[docker.types.Mount("/v", "v1", read_only=True)], remove=True)
    expect(output == b"kept\n")
    expect([v.name for v in client.volumes.list()] == ["v1"])
    volume.remove()
    expect(client.volumes.list() == [])


def networks():
    expect({n.name for n in client.networks.list()} == {"bridge", "host", "none"})
    container = client.containers.run("busybox", "sleep 300", ports={"80/tcp": 18083}, detach=True)
    container.reload()
    expect(container.ports["80/tcp"][0]["HostPort"] == "18083", container.ports)
    expect(container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"].startswith("172."))
    container.remove(force=True)


def events():
    seen = []
    stream = client.events(decode=True, filters={"type": "container"})

    def listen():
        for event in stream:
            seen.append(event["Action"])

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.3)
    client.containers.run("busybox", "true", remove=True)
    for _ in range(50):
        if "destroy" in seen:
            break
        time.sleep(0.1)
    stream.close()
    expect({"create", "start", "die", "destroy"} <= set(seen), seen)


def errors():
    for call, status in [
        (lambda: client.containers.run("busybox", "nosuchcommand"), 400),
        (lambda: client.containers.create("busybox", "true", name="bad name"), 400),
        (lambda: client.containers.get("nosuch"), 404),
        (lambda: client.volumes.get("nosuch"), 404),
        (lambda: client.networks.get("nosuch"), 404),
        (lambda: client.containers.create("busybox", "true", mem_limit="1k"), 400),
    ]:
        try:
            call()
        except docker.errors.APIError as error:
            expect(error.status_code == status and error.explanation, error.status_code, error.explanation)
        else:
            expect(False, status)
    for container in client.containers.list(all=True):
        container.remove(force=True)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    print("ok")
