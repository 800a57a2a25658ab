"""One end of gRPC, by gRPC's own library: `serve`, or `call HOST:PORT AUTHORITY [CA.pem]`."""

import sys
import time
from concurrent import futures

import grpc

SERVICE = "tests.Echo"


def unary(request, context):
    context.send_initial_metadata((("x-first", "1"),))
    metadata = dict(context.invocation_metadata())
    context.set_trailing_metadata((("x-last", "2"), ("x-blob-bin", b"\x00\xff")))
    if request == b"fail":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no: 100%")
    return request + b" " + metadata.get("x-mine", "").encode()


def at_once(request, context):
    # Nothing but a status: what gRPC calls Trailers-Only.
    context.abort(grpc.StatusCode.NOT_FOUND, "none")


def slow(request, context):
    time.sleep(30)
    return b""


def to_many(request, context):
    for index in range(int(request)):
        yield b"%d" % index


def of_many(requests, context):
    return b",".join(requests)


def both(requests, context):
    for request in requests:
        yield request


def serve():
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "AtOnce": grpc.unary_unary_rpc_method_handler(at_once),
        "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "ToMany": grpc.unary_stream_rpc_method_handler(to_many),
        "OfMany": grpc.stream_unary_rpc_method_handler(of_many),
        "Both": grpc.stream_stream_rpc_method_handler(both),
    }
    server = grpc.server(futures.ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


def refused(call, code, details=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, error
        assert details is None or error.details() == details, error
        return error
    raise AssertionError("no error")


def call(target, authority, ca=None):
    if ca:
        credentials = grpc.ssl_channel_credentials(open(ca, "rb").read())
        options = (("grpc.ssl_target_name_override", authority),)
        channel = grpc.secure_channel(target, credentials, options)
    else:
        channel = grpc.insecure_channel(target, (("grpc.default_authority", authority),))
    at = f"/{SERVICE}/"

    answer, done = channel.unary_unary(at + "Unary").with_call(b"hello", metadata=(("x-mine", "me"),), timeout=120)
    assert answer == b"hello me", answer
    assert dict(done.initial_metadata())["x-first"] == "1"
    last = dict(done.trailing_metadata())
    assert last["x-last"] == "2" and last["x-blob-bin"] == b"\x00\xff", last

    error = refused(
        lambda: channel.unary_unary(at + "Unary")(b"fail", timeout=120),
        grpc.StatusCode.FAILED_PRECONDITION,
        "no: 100%",
    )
    assert dict(error.trailing_metadata())["x-last"] == "2"
    refused(lambda: channel.unary_unary(at + "AtOnce")(b"", timeout=120), grpc.StatusCode.NOT_FOUND, "none")
    refused(lambda: channel.unary_unary(at + "None")(b"", timeout=120), grpc.StatusCode.UNIMPLEMENTED)

    many = list(channel.unary_stream(at + "ToMany")(b"1000", timeout=120))
    assert many == [b"%d" % index for index in range(1000)]
    joined = channel.stream_unary(at + "OfMany")(iter([b"a", b"b", b"c"]), timeout=120)
    assert joined == b"a,b,c", joined

    # Each message is sent only when the answer to the one before is there.
    turn = futures.ThreadPoolExecutor(1)
    answers = []

    def messages():
        for index in range(20):
            while len(answers) < index:
                time.sleep(0.001)
            yield b"%d" % index

    for answer in channel.stream_stream(at + "Both")(messages(), timeout=120):
        answers.append(answer)
    assert answers == [b"%d" % index for index in range(20)], answers
    turn.shutdown()

    # The client's own deadline, and the gateway's words in gRPC's.
    refused(lambda: channel.unary_unary(at + "Slow")(b"", timeout=0.2), grpc.StatusCode.DEADLINE_EXCEEDED)
    refused(lambda: channel.unary_unary(at + "Slow")(b"", timeout=120), grpc.StatusCode.UNAVAILABLE)
    refused(lambda: channel.unary_unary("/tests.Closed/Unary")(b"", timeout=120), grpc.StatusCode.PERMISSION_DENIED)
    print("good")


if sys.argv[1] == "serve":
    serve()
else:
    call(*sys.argv[2:])
