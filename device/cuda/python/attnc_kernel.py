"""Calls kernels that attnc has compiled for CUDA: checks tensors, fills the record of a call, and begins it on a stream.

A kernel is NAME.cu with NAME.json beside it, which says what its record holds. It is run from, in this order: NVRTC, which
compiles it as it is loaded; libNAME.so, which `make` builds; and, for tests without a device, NAME.emulated.so."""

import ctypes
import json
import pathlib
import subprocess

C_TYPES = {"int": ctypes.c_int, "float": ctypes.c_float, "int*": ctypes.c_void_p, "long long[3]": ctypes.c_longlong * 3}
WORKSPACE_ALIGNMENT = 256


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
        self.DeviceRecord = type(self.name + "_device_call", (ctypes.Structure,), {"_fields_": fields + scratch})

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


class Library:
    """A shared library: the launcher that stands in NAME.cu."""

    def __init__(self, description, path):
        self.description = description
        self.library = ctypes.CDLL(str(path))
        prefix = description.name
        self.launch_function = self.library[prefix + "_launch"]
        self.launch_function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
        self.size_function = self.library[prefix + "_workspace_bytes"]
        self.size_function.restype = ctypes.c_size_t
        self.message_function = self.library[prefix + "_message"]
        self.message_function.restype = ctypes.c_char_p

    def workspace_bytes(self, lengths, record):
        return self.size_function(ctypes.byref(record))

    def launch(self, lengths, record, workspace, workspace_bytes, stream):
        status = self.launch_function(ctypes.byref(record), workspace, workspace_bytes, stream)
        if status:
            raise CallError(self.message_function(status).decode())


class Module:
    """NVRTC and the driver: device code is compiled as it is loaded, and launched from here."""

    def __init__(self, description, nvrtc, driver, architecture):
        self.description, self.nvrtc, self.driver = description, nvrtc, driver
        source = (description.folder / f"{description.name}.cu").read_bytes()
        program = ctypes.c_void_p()
        self.demand(nvrtc.nvrtcCreateProgram(ctypes.byref(program), source, b"kernel.cu", 0, None, None))
        options = [b"-std=c++17", b"-arch=" + architecture.encode(), b"-I" + str(description.folder).encode()]
        status = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
        if status:
            raise OSError(self.text(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog).decode())
        cubin = self.text(program, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN)
        module = ctypes.c_void_p()
        self.demand(driver.cuModuleLoadData(ctypes.byref(module), cubin))
        self.functions = []
        for step in description.steps:
            function = ctypes.c_void_p()
            self.demand(driver.cuModuleGetFunction(ctypes.byref(function), module, step["kernel"].encode()))
            # 8 is CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.
            self.demand(driver.cuFuncSetAttribute(function, 8, step["shared_bytes"]))
            self.functions.append(function)

    def text(self, program, size_of, read):
        size = ctypes.c_size_t()
        self.demand(size_of(program, ctypes.byref(size)))
        buffer = ctypes.create_string_buffer(size.value)
        self.demand(read(program, buffer))
        return buffer.raw

    def demand(self, status):
        if status:
            raise OSError(f"CUDA gave the status {status} for {self.description.name}")

    def workspace_bytes(self, lengths, record):
        return sum(size for _, size in self.scratch(lengths))

    def scratch(self, lengths):
        """Fields of the scratch with their sizes, rounded up; 0 where a call goes without."""
        for entry in self.description.scratch:
            size = eval(entry["bytes"], {}, dict(lengths))  # An expression that attnc has printed.
            most = entry["most_bytes"]
            there = size > 0 and (most is None or size <= most)
            yield entry["field"], -(-size // WORKSPACE_ALIGNMENT) * WORKSPACE_ALIGNMENT if there else 0

    def launch(self, lengths, record, workspace, workspace_bytes, stream):
        call = self.description.DeviceRecord()
        ctypes.memmove(ctypes.byref(call), ctypes.byref(record), ctypes.sizeof(record))
        for field, size in self.scratch(lengths):
            setattr(call, field, workspace if size else None)
            workspace = (workspace or 0) + size
        arguments = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.pointer(call), ctypes.c_void_p))
        for step, function in zip(self.description.steps, self.functions):
            blocks = eval(step["blocks"], {}, dict(lengths))  # An expression that attnc has printed.
            if blocks:
                shape = (blocks, 1, 1, step["threads"], 1, 1, step["shared_bytes"])
                self.demand(self.driver.cuLaunchKernel(function, *shape, ctypes.c_void_p(stream), arguments, None))


def find_nvrtc():
    """NVRTC, which comes with PyTorch, and the driver; None where one of them is missing."""
    for version in (13, 12, 11):
        try:
            return ctypes.CDLL(f"libnvrtc.so.{version}" + (".2" if version == 11 else "")), ctypes.CDLL("libcuda.so.1")
        except OSError:
            continue
    return None


def load(description, architecture):
    """The fastest way to the kernel that this machine has. `architecture` is the device's, such as sm_90."""
    found = find_nvrtc()
    if found:
        return Module(description, *found, architecture)
    path = description.folder / f"lib{description.name}.so"
    if not path.exists():
        subprocess.run(["make", path.name, f"ARCH={architecture}"], cwd=description.folder, check=True)
    return Library(description, path)
