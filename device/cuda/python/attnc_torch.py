"""Kernels of attnc in PyTorch: `call` checks tensors and runs a kernel on the current stream; `register` makes it an
operator that torch.compile accepts."""

import torch

from attnc_kernel import CallError, load

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "i32": torch.int32}
DTYPES |= {"u8": torch.uint8, "bool": torch.bool}

loaded = {}


def demand(tensor, name, element, device, is_strided):
    """A tensor that the kernel can read. Rows may lie anywhere, but each is contiguous."""
    if tensor.device.type != "cuda" or tensor.device != device:
        raise CallError(f"{name} is on {tensor.device}, but query is on {device}, and both must be on one CUDA device")
    if tensor.dtype != DTYPES[element]:
        raise CallError(f"{name} is {tensor.dtype}, but the kernel was compiled for {DTYPES[element]}")
    if is_strided and tensor.shape[-1] > 1 and tensor.stride(-1) != 1:
        raise CallError(f"{name} has the stride {tensor.stride(-1)} along its last axis, which must be contiguous")
    if not is_strided and not tensor.is_contiguous():
        raise CallError(f"{name} is not contiguous")


def call(description, query, key, value, key_lengths=None, query_start=None, out=None, **others):
    """The results of the kernel, in the order of `description.results`."""
    given = {"query": query, "key": key, "value": value}
    for tensor in description.tensors:
        name = tensor["name"]
        if tensor["captured"]:
            if name not in others:
                raise CallError(f"{name} is missing")
            given[name] = others.pop(name)
        demand(given[name], name, tensor["element"], query.device, not tensor["captured"])
    unknown = [name for name in others if name not in description.defaults and name not in description.axes]
    if unknown:
        raise CallError(f"{description.name} knows no {unknown[0]}")
    lengths = description.lengths(
        {name: tensor.shape for name, tensor in given.items()},
        {f"axis_{axis}_": others.pop(axis) for axis in description.axes if axis in others},
    )
    for name, tensor in {"key_lengths": key_lengths, "query_start": query_start}.items():
        if tensor is not None:
            demand(tensor, name, "i32", query.device, False)
            given[name] = tensor
    with torch.cuda.device(query.device):
        rows = query.shape[:3]
        results = {"out": out if out is not None else query.new_empty((*rows, description.dims["value_dim"]))}
        if "lse" in description.results:
            results["lse"] = torch.empty(rows, dtype=torch.float32, device=query.device)
        if description.empty == "error":
            given["empty_rows"] = torch.zeros(1, dtype=torch.int32, device=query.device)
        tensors = {**given, **results}
        record = description.record(
            lengths,
            {name: tensor.data_ptr() for name, tensor in tensors.items()},
            {name: tensor.stride()[:3] for name, tensor in tensors.items() if tensor.dim() == 4},
            others,
        )
        kernel = kernel_for(description, query.device)
        size = kernel.workspace_bytes(lengths, record)
        workspace = torch.empty(size, dtype=torch.uint8, device=query.device)
        stream = torch.cuda.current_stream(query.device).cuda_stream
        kernel.launch(lengths, record, workspace.data_ptr() if size else None, size, stream)
        if description.empty == "error" and given["empty_rows"].item():
            raise CallError(f"{given['empty_rows'].item()} query rows see no key, which this attention calls an error")
    return tuple(results[name] for name in description.results)


def kernel_for(description, device):
    """The kernel, compiled for the device; once for each architecture."""
    major, minor = torch.cuda.get_device_capability(device)
    place = (str(description.folder), description.name, major, minor)
    if place not in loaded:
        loaded[place] = load(description, f"sm_{major}{minor}")
    return loaded[place]


def register(description):
    """attnc::NAME as an operator over (query, key, value, the captured tensors in their order). Parameters keep their
    defaults; those of other calls go through `call`."""
    captured = [tensor["name"] for tensor in description.tensors if tensor["captured"]]
    names = ["query", "key", "value", *captured]
    results = ", ".join("Tensor" for _ in description.results)
    schema = f"({', '.join(f'Tensor {name}' for name in names)}) -> ({results})"

    def run(query, key, value, *others):
        return call(description, query, key, value, **dict(zip(captured, others)))

    def fake(query, key, value, *others):
        rows = query.shape[:3]
        out = query.new_empty((*rows, description.dims["value_dim"]))
        return (out, query.new_empty(rows, dtype=torch.float32))[: len(description.results)]

    name = f"attnc::{description.name}"
    torch.library.define(name, schema)
    torch.library.impl(name, "CUDA", run)
    torch.library.register_fake(name, fake)
    return getattr(torch.ops.attnc, description.name)
