"""Writes what EventLogTest expects, with TensorBoard's own messages and RecordWriter: python3 make.py, with tensorboard."""

import io
import json
import pathlib

from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def record(**fields):
    file = io.BytesIO()
    RecordWriter(file).write(event_pb2.Event(**fields).SerializeToString(deterministic=True))
    return file.getvalue().hex()


def version():
    return record(wall_time=1700000000.25, file_version="brain.Event:2")


def scalars():
    summary = summary_pb2.Summary()
    summary.value.add(tag="loss/train", simple_value=0.1)
    summary.value.add(tag="top1/test", simple_value=0.975)
    return record(wall_time=1700000001.5, step=300, summary=summary)


def graph():
    graph = graph_pb2.GraphDef()

    def node(name, op, inputs, shape, **numbers):
        node = graph.node.add(name=name, op=op, input=inputs)
        sizes = node.attr["_output_shapes"].list.shape.add()
        for size in [-1, *shape]:
            sizes.dim.add(size=size)
        for key, value in numbers.items():
            node.attr[key].i = value

    node("input", "input", [], [3, 8, 8])
    node("stem/conv", "conv", ["input"], [4, 8, 8], parameters=4 * 3 * 9, macs=4 * 3 * 9 * 64)
    node("stem/bn", "batchnorm", ["stem/conv"], [4, 8, 8], parameters=8)
    node("stem/2", "add", ["stem/bn", "stem/conv"], [4, 8, 8])
    node("1", "adaptiveavgpool", ["stem/2"], [4, 1, 1])
    node("2", "flatten", ["1"], [4])
    node("fc", "linear", ["2"], [2], parameters=10, macs=8)
    graph.versions.producer = 22
    return record(wall_time=1700000002.5, graph_def=graph.SerializeToString(deterministic=True))


def session(tag, **content):
    data = plugin_data_pb2.HParamsPluginData(**content)
    described = metadata.create_summary_metadata(data)
    described.plugin_data.content = data.SerializeToString(deterministic=True)
    summary = summary_pb2.Summary()
    summary.value.add(tag=tag, metadata=described, tensor=metadata.NULL_TENSOR)
    return record(wall_time=1700000003.5, step=7, summary=summary)


def start():
    info = plugin_data_pb2.SessionStartInfo(start_time_secs=1700000003.5)
    values = {
        "model": "mine",
        "image": "3x8x8",
        "data": "folder:photos",
        "origin": "somebody",
        "epochs": 12.0,
        "watch": False,
        "optimizer.kind": "adamw",
        "optimizer.decay.rate": 0.05,
        "network": '[{"kind":"small_head"}]',
    }
    for name, value in values.items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, float):
            info.hparams[name].number_value = value
        else:
            info.hparams[name].string_value = value
    return session(metadata.SESSION_START_INFO_TAG, session_start_info=info)


def end():
    info = plugin_data_pb2.SessionEndInfo(status=1, end_time_secs=1700000009.5)
    return session(metadata.SESSION_END_INFO_TAG, session_end_info=info)


expected = {"version": version(), "scalars": scalars(), "graph": graph(), "start": start(), "end": end()}
here = pathlib.Path(__file__).parent
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
