"""Kernels of attnc in PyTorch: `call` checks tensors and runs a kernel on the current stream; `register` makes it an
operator that torch.compile accepts."""

import torch

from attnc_kernel import CallError
from attnc_load import load

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "i32": torch.int32}
DTYPES |= {"u8": torch.uint8, "bool": torch.bool}

loaded = {}
registered = {}
# By name, the kernel that ran last.
taken = {}


def demand(tensor, name, element, device, is_strided):
    """A tensor that the kernel can read. Rows may lie anywhere, but each is contiguous."""
    if tensor.device.type != "cuda":
        raise CallError(f"{name} is on {tensor.device}, no CUDA device")
    if tensor.device != device:
        raise CallError(f"{name} is on {tensor.device}, but query is on {device}")
    if tensor.dtype != DTYPES[element]:
        raise CallError(f"{name} is {tensor.dtype}, but the kernel was compiled for {DTYPES[element]}")
    if is_strided and tensor.shape[-1] > 1 and tensor.stride(-1) != 1:
        raise CallError(f"{name} has the stride {tensor.stride(-1)} along its last axis, which must be contiguous")
    if not is_strided and not tensor.is_contiguous():
        raise CallError(f"{name} is not contiguous")
    if tensor.data_ptr() % tensor.element_size():
        raise CallError(f"{name} is not aligned to its elements of {tensor.element_size()} bytes")


def inputs(description, given, others, device):
    """The tensors of a call by name; takes those that are captured out of `others`, which then holds parameters."""
    for tensor in description.tensors:
        name = tensor["name"]
        if tensor["captured"]:
            if name not in others:
                raise CallError(f"{name} is missing")
            given[name] = others.pop(name)
        demand(given[name], name, tensor["element"], device, not tensor["captured"])
    unknown = [name for name in others if name not in description.defaults and name not in description.axes]
    if unknown:
        raise CallError(f"{description.name} knows no {unknown[0]}")
    return given


def results_for(description, query, lengths, out):
    """Room for the results; an `out` that is given must have the right shape."""
    shape = (*query.shape[:3], description.dims["value_dim"])
    if out is None:
        out = torch.empty(shape, dtype=query.dtype, device=query.device)
    if tuple(out.shape) != shape:
        raise CallError(f"out has the shape {tuple(out.shape)} instead of {shape}")
    demand(out, "out", description.tensors[0]["element"], query.device, True)
    others = description.shapes_of_outputs(lengths).items()
    return {"out": out, **{name: query.new_empty(shape, dtype=DTYPES[element]) for name, (shape, element) in others}}


def call(description, query, key, value, key_lengths=None, query_start=None, out=None, **others):
    """The results of the kernel, in the order of `description.results`."""
    device = query.device
    given = inputs(description, {"query": query, "key": key, "value": value}, others, device)
    axes = {f"axis_{axis}_": others.pop(axis) for axis in description.axes if axis in others}
    lengths = description.lengths({name: tensor.shape for name, tensor in given.items()}, axes)
    for name, tensor in {"key_lengths": key_lengths, "query_start": query_start}.items():
        if tensor is not None:
            demand(tensor, name, "i32", device, False)
            if tuple(tensor.shape) != (lengths["batch"],):
                raise CallError(f"{name} has the shape {tuple(tensor.shape)} instead of {(lengths['batch'],)}")
            given[name] = tensor
    results = results_for(description, query, lengths, out)
    with torch.cuda.device(device):
        if description.empty == "error":
            given["empty_rows"] = torch.zeros(1, dtype=torch.int32, device=device)
        tensors = {**given, **results}
        strides = {name: tensor.stride()[:3] for name, tensor in tensors.items() if tensor.dim() == 4}
        description.check_sizes(lengths, {name: tensor.shape for name, tensor in given.items()}, strides)
        addresses = {name: tensor.data_ptr() for name, tensor in tensors.items()}
        record = description.record(lengths, addresses, strides, others)
        kernel = kernel_for(description_for(description, device, lengths, addresses, strides), device)
        size = kernel.workspace_bytes(lengths, record)
        workspace = torch.empty(size, dtype=torch.uint8, device=device)
        stream = torch.cuda.current_stream(device).cuda_stream
        kernel.launch(lengths, record, workspace.data_ptr() if size else None, size, stream)
        if description.empty == "error" and given["empty_rows"].item():
            raise CallError(f"{given['empty_rows'].item()} rows of query see no key, which this attention calls an error")
    return tuple(results[name] for name in description.results)


def description_for(description, device, lengths, addresses, strides):
    """The kernel of the device's own architecture where there is one and the call suits it, and else that of all; `taken`
    says which, and why."""
    major, minor = torch.cuda.get_device_capability(device)
    special = description.special()
    why = f"the device is of capability {major}.{minor}"
    if special is None:
        why = "there is no other"
    elif 10 * major + minor == special.capability:
        why = special.unsuited(lengths, addresses, strides)
        if why is None:
            taken[description.name] = "the kernel of sm_90a"
            return special
    taken[description.name] = f"the kernel of all devices: {why}"
    return description


def kernel_for(description, device):
    """The kernel, compiled for the device; once for each architecture."""
    major, minor = torch.cuda.get_device_capability(device)
    place = (str(description.folder), description.name, major, minor)
    if place not in loaded:
        facts = torch.cuda.get_device_properties(device)
        # Older versions of PyTorch do not say how much a block can have; then the launch does.
        shared_bytes = getattr(facts, "shared_memory_per_block_optin", None)
        description.check_device(10 * major + minor, 2**31 if shared_bytes is None else shared_bytes)
        loaded[place] = load(description, f"sm_{major}{minor}{'a' if description.is_special else ''}")
    return loaded[place]


def schema_of(description):
    """Tensors by their place, all else by name: lengths, starts and parameters, with the defaults of the attention."""
    captured = [tensor["name"] for tensor in description.tensors if tensor["captured"]]
    kinds = {description.names[field]: kind for field, kind in description.fields}
    defaults = {name: "" if value is None else f"={value}" for name, value in description.defaults.items()}
    params = [f"{kinds[name]} {name}{default.replace('True', '1').replace('False', '0')}" for name, default in defaults.items()]
    axes = [f"int {axis}" for axis in description.axes]
    named = ["Tensor? key_lengths=None", "Tensor? query_start=None", *axes, *params]
    tensors = [f"Tensor {name}" for name in ("query", "key", "value", *captured)]
    results = ", ".join("Tensor" for _ in description.results)
    return captured, f"({', '.join([*tensors, '*', *named])}) -> ({results})"


def as_schema_has_it(results):
    """PyTorch reads `(Tensor)` as a tensor, not as a tuple of one."""
    return results[0] if len(results) == 1 else results


def register(description):
    """attnc::NAME as an operator; see `schema_of`. It is registered once."""
    if description.name in registered:
        return registered[description.name]
    captured, schema = schema_of(description)

    def run(query, key, value, *others, **named):
        return as_schema_has_it(call(description, query, key, value, **dict(zip(captured, others)), **named))

    def fake(query, key, value, *others, **named):
        out = query.new_empty((*query.shape[:3], description.dims["value_dim"]))
        batch, heads, queries, _ = query.shape
        lengths = {"batch": batch, "heads": heads, "kv_heads": key.shape[1], "queries": queries, "keys": key.shape[2]}
        outputs = description.shapes_of_outputs(lengths).values()
        return as_schema_has_it((out, *(query.new_empty(shape, dtype=DTYPES[element]) for shape, element in outputs)))

    name = f"attnc::{description.name}"
    torch.library.define(name, schema)
    torch.library.impl(name, "CUDA", run)
    torch.library.register_fake(name, fake)
    registered[description.name] = getattr(torch.ops.attnc, description.name)
    return registered[description.name]
