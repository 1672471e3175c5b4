"""What attnc_torch asks of PyTorch, over NumPy: tensors that say they are on a device, and a library that remembers what was
registered. Where it is imported, a kernel runs emulated, so the Python around it can be tested without PyTorch."""

import contextlib
import types

import numpy

float32, float16, int32, uint8 = numpy.dtype("f4"), numpy.dtype("f2"), numpy.dtype("i4"), numpy.dtype("u1")
bool = numpy.dtype("?")
bfloat16 = numpy.dtype("u2")  # NumPy has none: its bits.


class Device(str):
    type = property(lambda self: self.split(":")[0])


cuda_0, cpu = Device("cuda:0"), Device("cpu")


class Tensor:
    def __init__(self, array, device=cuda_0):
        self.array, self.device = array, device

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)

    def stride(self, axis=None):
        strides = tuple(step // self.array.itemsize for step in self.array.strides)
        return strides if axis is None else strides[axis]

    def dim(self):
        return self.array.ndim

    def is_contiguous(self):
        return self.array.flags.c_contiguous

    def element_size(self):
        return self.array.itemsize

    def data_ptr(self):
        return self.array.ctypes.data if self.array.size else 0

    def item(self):
        return self.array.item()

    def new_empty(self, shape, dtype=None):
        return empty(shape, dtype or self.dtype, self.device)


def empty(shape, dtype=float32, device=cuda_0):
    """Poisoned, and aligned as the allocator of a device aligns."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    bytes_ = int(numpy.prod(shape)) * dtype.itemsize
    room = numpy.full(bytes_ + 256, 255, numpy.uint8)
    start = -room.ctypes.data % 256
    return Tensor(room[start : start + bytes_].view(dtype).reshape(shape), device)


def zeros(shape, dtype=float32, device=cuda_0):
    found = empty(shape, dtype, device)
    found.array.fill(0)
    return found


capability, shared_bytes = (9, 0), 232448
cuda = types.SimpleNamespace(
    device=lambda _: contextlib.nullcontext(),
    current_stream=lambda _: types.SimpleNamespace(cuda_stream=0),
    get_device_capability=lambda _: capability,
    get_device_properties=lambda _: types.SimpleNamespace(shared_memory_per_block_optin=shared_bytes),
)
defined = {}
library = types.SimpleNamespace(
    define=lambda name, schema: defined.setdefault(name, {"schema": schema}),
    impl=lambda name, kind, function: defined[name].__setitem__(kind, function),
    register_fake=lambda name, function: defined[name].__setitem__("fake", function),
)


class Operators:
    def __getattr__(self, name):
        return defined[f"attnc::{name}"]["CUDA"]


ops = types.SimpleNamespace(attnc=Operators())
