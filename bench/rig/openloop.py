"""The open loop: requests leave at their time whether or not earlier ones were answered, and a latency counts from the time
a request should have left. A server that stalls cannot hide it."""
import asyncio
import collections
import random
import time
import uuid

from . import workloads

MIX = {"q1": 40, "q2": 5, "q3": 15, "q4": 15, "q5": 10, "q6": 15}  # percent


def _bytes(server, request, role):
    head = [f"{request['method']} {request['path']} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {request['kind']}"]
    head += [f"{name}: {value}" for name, value in server.headers(role).items()]
    return "\r\n".join(head), request["body"]


async def _answer(reader):
    """Status of one answer, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    if b"content-length:" in head:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    elif b"chunked" in head:
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            await reader.readexactly(size + 2)
            if size == 0:
                break
    return status


async def _run(server, plan, rate, most):
    idle, took, bad, opened = collections.deque(), [], 0, 0
    free = asyncio.Condition()

    async def one(due, head, body):
        nonlocal bad, opened
        async with free:
            while not idle and opened >= most:
                await free.wait()
            pair = idle.popleft() if idle else None
            opened += pair is None
        try:
            reader, writer = pair or await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 22)
            payload = body.replace("@@UNIQ@@", uuid.uuid4().hex).replace("@@UUID@@", str(uuid.uuid4())).encode()
            writer.write(f"{head}\r\nContent-Length: {len(payload)}\r\n\r\n".encode() + payload)
            status = await asyncio.wait_for(_answer(reader), 30)
            bad += status != 200
            idle.append((reader, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            bad += 1
            opened -= 1
        took.append(time.monotonic() - due)
        async with free:
            free.notify()

    began, tasks = time.monotonic() + 0.1, []
    for i, (head, body) in enumerate(plan):
        due = began + i / rate
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(due, head, body)))
    await asyncio.gather(*tasks)
    return took, bad, time.monotonic() - began


def run(server, parameters, pushes, rate, secs, most=256):
    """The mix at a fixed rate."""
    draw = random.Random(rate)
    kinds = draw.choices(list(MIX), list(MIX.values()), k=rate * secs)
    made = {q: [_bytes(server, server.request(q, p), workloads.ROLES[q]) for p in (pushes if workloads.is_push(q) else parameters)] for q in MIX}
    took, bad, lasted = asyncio.run(_run(server, [draw.choice(made[q]) for q in kinds], rate, most))
    took.sort()
    at = lambda part: round(1000 * took[min(int(len(took) * part), len(took) - 1)], 2)
    return {"rate": rate, "achieved": round(len(took) / lasted, 1), "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "bad": bad}
