"""Ways to run a kernel on the device that this machine has. In this order: NVRTC, which comes with PyTorch and compiles the
kernel as it is loaded; libNAME.so, which `make` builds with nvcc; and an extension that PyTorch builds."""

import ctypes
import subprocess

from attnc_kernel import MAP_ALIGNMENT, MAP_BYTES, CallError, rows_of_head


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
        options = [b"-std=c++17", b"-arch=" + architecture.encode(), b"-I" + str(description.root).encode()]
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
        return sum(size for _, size in self.description.scratch_sizes(lengths))

    def launch(self, lengths, record, workspace, workspace_bytes, stream):
        call = self.description.DeviceRecord()
        ctypes.memmove(ctypes.byref(call), ctypes.byref(record), ctypes.sizeof(record))
        cleared = {entry["field"] for entry in self.description.scratch if entry["cleared"]}
        for field, size in self.description.scratch_sizes(lengths):
            setattr(call, field, workspace if size else None)
            if size and field in cleared:
                self.demand(self.driver.cuMemsetD8Async(ctypes.c_uint64(workspace), ctypes.c_ubyte(0), ctypes.c_size_t(size), ctypes.c_void_p(stream)))
            workspace = (workspace or 0) + size
        for field, value in self.description.packed.items():
            setattr(call, field, eval(value, {"rows_of_head": rows_of_head}, dict(lengths)))  # An expression that attnc has printed.
        for entry in self.description.maps:
            self.encode(getattr(call, entry["field"]), entry, lengths, call)
        stored = self.description.in_stored_order(call, lengths)
        for place, blocks in self.description.steps_of(lengths):
            step = self.description.steps[place]
            record = stored if step["stored"] else call
            arguments = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.pointer(record), ctypes.c_void_p))
            grid = min(blocks, self.multiprocessors()) if step["persistent"] else blocks
            shape = (grid, 1, 1, step["threads"], 1, 1, step["shared_bytes"])
            self.demand(self.driver.cuLaunchKernel(self.functions[place], *shape, ctypes.c_void_p(stream), arguments, None))

    def multiprocessors(self):
        """How many the current device has."""
        device, count = ctypes.c_int(), ctypes.c_int()
        self.demand(self.driver.cuCtxGetDevice(ctypes.byref(device)))
        # 16 is CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT.
        self.demand(self.driver.cuDeviceGetAttribute(ctypes.byref(count), 16, device))
        return count.value

    def encode(self, field, entry, lengths, call):
        """The map of a tensor's tiles, as attnc/maps.h has it; of one that is empty there is none."""
        name, kinds = entry["tensor"], {"f16": 6, "bf16": 9}  # CU_TENSOR_MAP_DATA_TYPE_FLOAT16 and _BFLOAT16.
        extents = [lengths["batch"], lengths[entry["heads"]], lengths[entry["tokens"]]]
        if 0 in extents:
            return
        strides = [64 if extent <= 1 else stride for extent, stride in zip(extents, getattr(call, f"{name}_strides"))]
        shape = (ctypes.c_uint64 * 4)(entry["dim"], *reversed(extents))
        apart = (ctypes.c_uint64 * 3)(*(2 * stride for stride in reversed(strides)))
        rows = 1 << call.row_bits if entry["packs"] else entry["rows"]
        box, every = (ctypes.c_uint32 * 4)(64, rows, entry["rows"] // rows, 1), (ctypes.c_uint32 * 4)(1, 1, 1, 1)
        room = (ctypes.c_ubyte * (MAP_BYTES + MAP_ALIGNMENT))()
        place = -(-ctypes.addressof(room) // MAP_ALIGNMENT) * MAP_ALIGNMENT
        # No interleaving; a swizzle of 128 bytes; 256 bytes at a time into the second cache; zeros for what is outside.
        ways = (ctypes.c_int(0), ctypes.c_int(3), ctypes.c_int(3), ctypes.c_int(0))
        base = ctypes.c_void_p(getattr(call, name))
        self.demand(
            self.driver.cuTensorMapEncodeTiled(ctypes.c_void_p(place), kinds[entry["element"]], 4, base, shape, apart, box, every, *ways)
        )
        ctypes.memmove(field, place, MAP_BYTES)


def by_nvrtc(description, architecture):
    for version in ("13", "12", "11.2"):
        try:
            nvrtc = ctypes.CDLL(f"libnvrtc.so.{version}")
        except OSError:
            continue
        return Module(description, nvrtc, ctypes.CDLL("libcuda.so.1"), architecture)
    raise OSError("there is no libnvrtc.so")


def by_library(description, architecture):
    path = description.folder / f"lib{description.name}.so"
    if not path.exists():
        made = str(path.relative_to(description.root))
        subprocess.run(["make", made, f"ARCH={architecture}"], cwd=description.root, check=True, capture_output=True)
    return Library(description, path)


def by_extension(description, architecture):
    from torch.utils import cpp_extension

    name, folder = f"{description.name}_extension", description.folder / "extension"
    folder.mkdir(exist_ok=True)
    cpp_extension.load(
        name,
        [str(description.folder / f"{description.name}.cu")],
        extra_include_paths=[str(description.root)],
        extra_cuda_cflags=["-std=c++17", "-O3", f"-arch={architecture}"],
        build_directory=str(folder),
        is_python_module=False,
    )
    return Library(description, folder / f"{name}.so")


WAYS = {"NVRTC": by_nvrtc, "make": by_library, "an extension of PyTorch": by_extension}


def load(description, architecture, ways=None):
    """The kernel by the first way that works. `architecture` is the device's, such as sm_90."""
    reasons = []
    for name, way in (ways or WAYS).items():
        try:
            return way(description, architecture)
        except (OSError, ImportError, RuntimeError, subprocess.CalledProcessError) as error:
            reasons.append(f"by {name}: {error}")
    raise CallError(f"{description.name} could not be loaded " + "; ".join(reasons))
