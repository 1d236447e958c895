#!/usr/bin/env python3
"""Holds what convzoo reads against safetensors' own reader (pip install safetensors).

judge.py MUTANTS                counts where the two differ, and shows the first ones; exit code 1 if there are any
judge.py MUTANTS --keep N       prints every differing one and about N others as lines of JSON with that reader's
                                verdict, and before them cases of our own: core/src/test/resources/safetensors.jsonl
MUTANTS is what -Dconvzoo.fuzz.out=MUTANTS wrote.
"""
import base64
import json
import struct
import sys

import safetensors


def verdict(content):
    try:
        safetensors.deserialize(content)
        return True, ""
    except KeyboardInterrupt:
        raise
    except BaseException as e:  # a panic of the reader is a BaseException
        return False, str(e).removeprefix("Error while deserializing: ")


def mutants(path):
    with open(path, "rb") as f:
        while head := f.read(4):
            content = f.read(struct.unpack(">i", head)[0])
            yield content, f.read(1) == b"\x01"


def file(header, body=b""):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header)) + header + body


def array(dtype="F32", shape="[1]", places="[0,4]", more=""):
    return '{"dtype":"%s","shape":%s,"data_offsets":%s%s}' % (dtype, shape, places, more)


def cases():
    """Cases that are worth a name, each one rule of the reader."""
    one = b"\0\0\x80?"
    sound = file('{"a":%s,"b":%s}' % (array(), array(places="[4,8]")), one + one)
    n = len(sound) - 16
    yield "sound", sound
    yield "a header length 8 too small", struct.pack("<Q", n - 8) + sound[8:]
    padded = file('{"a":%s}        ' % array(), one)
    yield "a header length 8 too small, within the padding", struct.pack("<Q", len(padded) - 20) + padded[8:]
    yield "a header length 8 too large", struct.pack("<Q", n + 8) + sound[8:]
    for size in 0, 1, 100_000_001, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 8, (1 << 64) - 1:
        yield "a header length of %d" % size, struct.pack("<Q", size) + sound[8:]
    for size in range(0, 12):
        yield "%d bytes" % size, sound[:size]
    yield "a byte less", sound[:-1]
    yield "a byte more", sound + b"\0"
    two = '{"a":%s,"b":%s}'
    yield "a hole", file(two % (array(), array(places="[8,12]")), one * 3)
    yield "a hole before the first", file('{"a":%s}' % array(places="[4,8]"), one * 2)
    yield "an overlap", file(two % (array(), array(places="[0,4]")), one)
    yield "an overlap by half", file(two % (array(), array(places="[2,6]")), one + b"12")
    yield "uncovered bytes", file('{"a":%s}' % array(), one * 2)
    yield "the other order", file(two % (array(places="[4,8]"), array()), one * 2)
    yield "places turned round", file('{"a":%s}' % array(places="[4,0]"), one)
    for from_, to in ((2**63 - 5, 2**63 - 1), (2**63 - 4, 2**63), (2**64 - 8, 2**64 - 4), (2**64 - 4, 0), (2**64, 2**64 + 4),
                      (-4, 0), (0, 2**63 + 4), (0, 2**64 + 4), (-8, -4)):
        yield "places %d to %d" % (from_, to), file('{"a":%s}' % array(places="[%d,%d]" % (from_, to)), one)
    huge = (1 << 61) - 1
    entries = ['"%d":%s' % (i, array("U8", "[%d]" % huge, "[%d,%d]" % (i * huge, (i + 1) * huge))) for i in range(8)]
    last = '"z":%s' % array("U8", "[7]", "[%d,%d]" % (8 * huge, 8 * huge + 7))
    yield "nine arrays that end at 2^64 - 1", file("{" + ",".join([*entries, last]) + "}")
    yield "the same name, the same array", file('{"a":%s,"a":%s}' % (array(), array()), one)
    yield "the same name, another array", file('{"a":%s,"a":%s}' % (array(), array(places="[4,8]")), one * 2)
    yield "the same name, the first broken", file('{"a":%s,"a":%s}' % (array("F5"), array()), one)
    yield "the same name, the first elsewhere", file('{"a":%s,"a":%s}' % (array(places="[8,99]"), array()), one)
    yield "the same name in other letters", file('{"a":%s,"\\u0061":%s}' % (array(), array()), one)
    for text in ("", " ", "{", "{}", " {}", "\n{}", "\t{} \r\n", "{}x", "{}\0", "{}{}", "[]", "[{}]", "null", "1", '"a"', "{,}",
                 "\ufeff{}", "{}\u00a0", '{"a"}', "{'a':1}", '{"a":1}', '{"a":null}', '{"a":{}}', '{"a":[]}', '{"a":"F32"}',
                 '{"__metadata__":null}', '{"__metadata__":{}}', '{"__metadata__":[]}', '{"__metadata__":1}', '{"__metadata__":"a"}',
                 '{"__metadata__":{"a":"b"}}', '{"__metadata__":{"a":null}}', '{"__metadata__":{"a":1}}', '{"__metadata__":{"a":[]}}',
                 '{"__metadata__":{"a":{}}}', '{"__metadata__":{"a":true}}', '{"__metadata__":{"a":"b","a":"c"}}',
                 '{"__metadata__":{},"__metadata__":{}}', '{"__metadata__":null,"__metadata__":null}', '{"__metadata__":{"a":"b",}}',
                 '{"__metadata__":nullx}', '{"__metadata__":{"":""}}', '{"__METADATA__":{}}', '{"\\u005f_metadata__":{"a":"b"}}'):
        yield "the header %s" % json.dumps(text), file(text)
    for escape in ('\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\a", "\\u0000", "\\u00E4", "\\u00e", "\\uD83D\\uDE00",
                   "\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ude00", "\\ud83d\\ud83d", "\\U0041", "\\", "\x7f", "\n",
                   "\x1f", "\u2028", "\U0001f600", "ä"):
        yield "the name %s" % json.dumps(escape), file('{"%s":%s}' % (escape, array()), one)
        yield "the string %s" % json.dumps(escape), file('{"__metadata__":{"a":"%s"}}' % escape)
    for bad in b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98\x80":
        yield "the bytes %s in a name" % bad.hex(), file(b'{"' + bad + b'":' + array().encode() + b"}", one)
    for dtype in ("BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32"
                  " C64 F64 I64 U64 F8 F128 C128 U4 I4 f32 float32 F32\\u0020 BF32 TF32").split() + [""]:
        for size in 3, 4, 8, 16, 32:
            yield "4 of %s in %d bytes" % (dtype or "nothing", size), file(
                '{"a":%s}' % array(dtype, "[4]", "[0,%d]" % size), bytes(size))
    yield "one F4", file('{"a":%s}' % array("F4", "[1]", "[0,1]"), b"1")
    yield "three F4", file('{"a":%s}' % array("F4", "[3]", "[0,1]"), b"1")
    for shape in ("[]", "[0]", "[1,1,1,1,1,1,1,1,1,1,1,1]", "[0,0]", "[1,0]", "[4294967296,4294967296,0]", "[0,4294967296,4294967296]",
                  "[0,18446744073709551615]", "[18446744073709551615,0]", "[0,18446744073709551616]", "[4611686018427387904]",
                  "[4611686018427387905]", "[18446744073709551615]", "[2,9223372036854775809]", "[9223372036854775809,2]", "[1.0]",
                  "[1e0]", "[-1]", "[-0]", "[01]", "[+1]", "[ 1 ]", "[1,]", "[,1]", "[null]", "[true]", '["1"]', "[[1]]", "[{}]", "null",
                  "1", "{}", '"[1]"', "[" + "1," * 200 + "1]"):
        for size in 0, 4:
            yield "the shape %s in %d bytes" % (shape[:60], size), file('{"a":%s}' % array("F32", shape, "[0,%d]" % size), one[:size])
    for places in ("[]", "[0]", "[0,4,4]", "[0,4.0]", "[0.0,4]", "[0,4e0]", "[-0,4]", "[0,null]", '[0,"4"]', "[[0],4]", "null", "4",
                   "{}", '{"0":0,"1":4}', "[ 0\n,\t4 ]", "[0 4]", "[0,4", "[00,4]"):
        yield "the places %s" % json.dumps(places), file('{"a":%s}' % array(places=places), one)
    for more in (',"dtype":"F32"', ',"shape":[1]', ',"data_offsets":[0,4]', ',"more":1', ',"more":1,"more":2', ',"":null', ',"Dtype":1',
                 ',"more":1e308', ',"more":1e309', ',"more":-1e309', ',"more":1e-999', ',"more":0e999', ',"more":1e99999999999',
                 ',"more":1e-99999999999', ',"more":1' + "0" * 308, ',"more":1' + "0" * 309, ',"more":0.' + "0" * 2000 + "1",
                 ',"more":1.', ',"more":.1', ',"more":1e', ',"more":1e+', ',"more":-', ',"more":NaN', ',"more":Infinity', ',"more":tru',
                 ',"more":' + "[" * 125 + "]" * 125, ',"more":' + "[" * 126 + "]" * 126,
                 ',"more":' + '{"a":' * 125 + "1" + "}" * 125, ',"more":' + '{"a":' * 126 + "1" + "}" * 126, ',"more":' + "[" * 9000,
                 ',"more":[1,]', ',"more":{"a":1,}', ',"more":{"a":1,"a":2}', ',"more":"\\ud800"', ',"more":"a\tb"', ",", ',"more"'):
        yield "more: %s" % more[:60], file('{"a":%s}' % array(more=more), one)
    for entry in ('["F32",[1],[0,4]]', '["F32",[1]]', '["F32",[1],[0,4],1]', '["F32",[1],[0,4],]', '[["F32",[1],[0,4]]]',
                  '{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}', '{"dtype":{"F32":{}},"shape":[1],"data_offsets":[0,4]}',
                  '{"dtype":{"F32":[]},"shape":[1],"data_offsets":[0,4]}', '{"dtype":{"F32":1},"shape":[1],"data_offsets":[0,4]}',
                  '{"dtype":{},"shape":[1],"data_offsets":[0,4]}', '{"dtype":{"F5":null},"shape":[1],"data_offsets":[0,4]}',
                  '{"dtype":{"F32":null,"F32":null},"shape":[1],"data_offsets":[0,4]}', '{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}',
                  '{"dtype":null,"shape":[1],"data_offsets":[0,4]}', '{"dtype":17,"shape":[1],"data_offsets":[0,4]}',
                  '{"shape":[1],"data_offsets":[0,4]}', '{"dtype":"F32","data_offsets":[0,4]}', '{"dtype":"F32","shape":[1]}',
                  '{"\\u0064type":"F32","shape":[1],"data_offsets":[0,4]}', '{"dtype":"\\u00463\\u0032","shape":[1],"data_offsets":[0,4]}'):
        yield "the entry %s" % entry, file('{"a":%s}' % entry, one)
    yield "empty arrays anywhere", file(
        '{"a":%s,"b":%s,"c":%s}' % (array(shape="[0]", places="[4,4]"), array(), array(shape="[0]", places="[0,0]")), one)
    yield "an empty array within another", file('{"a":%s,"b":%s}' % (array(), array(shape="[0]", places="[2,2]")), one)


def main():
    path, keep = sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    total = different = accepted = 0
    chosen = []
    for content, ours in mutants(path):
        total += 1
        theirs, why = verdict(content)
        accepted += theirs
        if theirs != ours:
            different += 1
            if not keep and different <= 20:
                print("theirs %s, ours %s: %s; %s" % (theirs, ours, why, base64.b64encode(content[:600]).decode()))
        if keep and (theirs != ours or total % 97 == 0 and len(content) < 700 and len(chosen) < keep):
            chosen.append(("mutant %d" % total, content))
    if keep:
        for what, content in [*cases(), *chosen]:
            theirs, why = verdict(content)
            line = {"case": what, "accepted": theirs, "file": base64.b64encode(content).decode()}
            print(json.dumps(line))
        return
    print("safetensors %s: %d files, %d accepted, %d refused; convzoo differs in %d"
          % (safetensors.__version__, total, accepted, total - accepted, different))
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
