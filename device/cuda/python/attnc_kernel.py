"""What NAME.json says of a kernel that attnc has compiled for CUDA: the record of a call, its lengths, its steps and its
scratch; and everything that can be wrong with a call before a device is asked."""

import ctypes
import json
import math
import pathlib

C_TYPES = {"int": ctypes.c_int, "float": ctypes.c_float, "int*": ctypes.c_void_p, "long long[3]": ctypes.c_longlong * 3}
WORKSPACE_ALIGNMENT = 256
MOST_INDEX = 2**31 - 1
SPECIAL, MAP_BYTES, MAP_ALIGNMENT = "sm_90a", 128, 64


def rows_of_head(group, queries, bits):
    """Binary logarithm of how many rows of a head lie in a tile, as attnc/host.h has it."""
    shares = [each for each in range(bits, 2, -1) if group % (1 << (bits - each)) == 0]
    return min(shares, key=lambda each: (-(-queries // (1 << each)) * (group >> (bits - each)), -each))


class CallError(ValueError):
    """A call that cannot be run as it was made; the message names the tensor."""


class Description:
    """What NAME.json says, and the record as a class of ctypes."""

    def __init__(self, path):
        self.folder = pathlib.Path(path).parent
        self.__dict__.update(json.loads(pathlib.Path(path).read_text()))
        fields = [(field, C_TYPES.get(kind, ctypes.c_void_p)) for field, kind in self.fields]
        self.Record = type(self.name + "_call", (ctypes.Structure,), {"_fields_": fields})
        scratch = [(entry["field"], ctypes.c_void_p) for entry in self.scratch]
        fields += scratch + [(field, ctypes.c_int) for field in self.packed]
        self.DeviceRecord = type(self.name + "_device_call", (ctypes.Structure,), {"_fields_": fields})
        if self.maps:
            last = getattr(self.DeviceRecord, fields[-1][0])
            gap = ("gap_", ctypes.c_ubyte * (-(last.offset + last.size) % MAP_ALIGNMENT))
            maps = [(entry["field"], ctypes.c_ubyte * MAP_BYTES) for entry in self.maps]
            self.DeviceRecord = type(self.name + "_device_call", (ctypes.Structure,), {"_fields_": fields + [gap] + maps})
        # Kernels of one architecture lie in a folder of their own, and find headers where the others do.
        self.is_special = self.folder.name == SPECIAL
        self.root = self.folder.parent if self.is_special else self.folder

    def special(self):
        """The same attention compiled for compute capability 9.0 alone; None where there is no such kernel."""
        path = self.folder / SPECIAL / f"{self.name}.json"
        return Description(path) if path.exists() else None

    def unsuited(self, lengths, addresses, strides):
        """Why a call cannot be made of tiles that are copied; None where it can."""
        for entry in self.maps:
            name, extents = entry["tensor"], [lengths["batch"], lengths[entry["heads"]], lengths[entry["tokens"]]]
            apart = [stride for stride, extent in zip(strides[name], extents) if extent > 1]
            if 0 not in extents and (addresses[name] % 16 or any(stride % 8 or stride <= 0 for stride in apart)):
                return f"rows of {name} are not aligned to 16 bytes"
        return None

    def tensor(self, name):
        return next(each for each in self.tensors if each["name"] == name)

    def lengths(self, shapes, given):
        """The lengths of a call by name, from the shapes of its tensors; every axis must agree."""
        lengths = dict(given)
        for tensor in self.tensors:
            name, extents = tensor["name"], tensor["extents"]
            if name not in shapes:
                continue
            if len(shapes[name]) != len(extents):
                raise CallError(f"{name} has {len(shapes[name])} axes instead of {len(extents)}")
            for axis, (extent, found) in enumerate(zip(extents, shapes[name])):
                wanted = extent if isinstance(extent, int) else lengths.setdefault(extent, found)
                if wanted != found:
                    raise CallError(f"{name} has {found} elements along axis {axis} instead of {wanted}")
        if lengths["kv_heads"] == 0 or lengths["heads"] % lengths["kv_heads"]:
            raise CallError(f"query has {lengths['heads']} heads, no multiple of the {lengths['kv_heads']} of key")
        return lengths

    def shapes_of_outputs(self, lengths):
        """What a call gives beside out, by name: lse where it asks for it, and the outputs that the attention names."""
        extent_of = lambda extent: eval(extent, {}, dict(lengths))  # An expression that attnc has printed.
        return {entry["name"]: (tuple(map(extent_of, entry["extents"])), entry["element"]) for entry in self.outputs}

    def record(self, lengths, addresses, strides, params, Record=None):
        """The record of a call. Addresses and strides come by name; what is missing is null."""
        record = (Record or self.Record)()
        for field, kind in self.fields:
            if field in lengths:
                setattr(record, field, lengths[field])
            elif field.endswith("_strides"):
                setattr(record, field, (ctypes.c_longlong * 3)(*strides[field.removesuffix("_strides")]))
            elif kind.endswith("*"):
                setattr(record, field, addresses.get(self.names[field]) or None)
            else:
                setattr(record, field, self.param(field, params))
        return record

    def param(self, field, params):
        name = self.names[field]
        if name in params:
            return params[name]
        if self.defaults.get(name) is None:
            raise CallError(f"parameter {name} has no default and was not given")
        return self.defaults[name]

    def scratch_sizes(self, lengths):
        """Fields of the scratch with their sizes, rounded up; 0 where a call goes without."""
        for entry in self.scratch:
            size = eval(entry["bytes"], {}, dict(lengths))  # An expression that attnc has printed.
            most = entry["most_bytes"]
            there = size > 0 and (most is None or size <= most)
            yield entry["field"], -(-size // WORKSPACE_ALIGNMENT) * WORKSPACE_ALIGNMENT if there else 0

    def in_stored_order(self, call, lengths):
        """The record of steps that find tensors in stored order: scratch stands for them."""
        stored = self.DeviceRecord()
        ctypes.memmove(ctypes.byref(stored), ctypes.byref(call), ctypes.sizeof(call))
        stored.kv_heads = lengths[self.stored_heads]
        for entry in self.stored:
            setattr(stored, entry["field"], getattr(call, entry["scratch"]))
            for axis, stride in enumerate(entry["strides"]):
                getattr(stored, entry["field"] + "_strides")[axis] = eval(stride, {}, dict(lengths))  # As attnc has printed it.
        return stored

    def steps_of(self, lengths):
        """The place of each step that a call takes, with its blocks; those without any are left out."""
        few = self.few and dict(self.scratch_sizes(lengths))[self.few] > 0
        for place, step in enumerate(self.steps):
            if step["calls"] != ("many" if few else "few"):
                blocks = eval(step["blocks"], {"rows_of_head": rows_of_head}, dict(lengths))  # An expression that attnc has printed.
                if blocks:
                    yield place, blocks

    def check_device(self, capability, shared_bytes):
        """Asks whether a device can run the kernel: 10 major + minor of its capability, and the shared memory of a block."""
        if self.is_special and capability != self.capability:
            raise CallError(f"{self.name} was compiled for {SPECIAL} alone, and the device is of capability {capability / 10}")
        if capability < self.capability:
            needed = f"{self.capability // 10}.{self.capability % 10}"
            raise CallError(f"query is on a device of capability {capability // 10}.{capability % 10}, but {self.name} needs {needed}")
        needed = max(step["shared_bytes"] for step in self.steps)
        if shared_bytes < needed:
            raise CallError(f"query is on a device with {shared_bytes} bytes of shared memory a block, but {self.name} needs {needed}")

    def check_sizes(self, lengths, shapes, strides):
        """Asks whether indices of 32 bits and one grid are enough, and whether rows of the result lie apart."""
        for tensor in self.tensors:
            count = math.prod(shapes[tensor["name"]])
            if tensor["captured"] and count > MOST_INDEX:
                raise CallError(f"{tensor['name']} has {count} elements, more than an int can index")
        for field, size in self.scratch_sizes(lengths):
            if field in self.indexed and size // 4 > MOST_INDEX:
                raise CallError(f"query and key have more blocks or tokens to index than an int can: {size // 4}")
        width = self.dims["value_dim"]
        if lengths["queries"] > 1 and strides["out"][2] < width:
            raise CallError(f"rows of out overlap: the stride of the queries is {strides['out'][2]}, less than {width}")
        if any(blocks > MOST_INDEX for _, blocks in self.steps_of(lengths)):
            raise CallError(f"query has {lengths['queries']} rows, more than one grid of {self.name} can hold")
