"""What measure.py runs: a kernel and its peers on one device. Needs PyTorch."""

import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

import attnc_torch

BACKENDS = {"sdpa flash": SDPBackend.FLASH_ATTENTION, "sdpa cudnn": SDPBackend.CUDNN_ATTENTION}


def captured_tensors(description, lengths):
    """Documents of an eighth of the sequence for ints by token, zeros else: every promise of a contract is kept."""
    tensors = {}
    for tensor in description.tensors:
        if not tensor["captured"]:
            continue
        shape = [extent if isinstance(extent, int) else lengths.get(extent, 32) for extent in tensor["extents"]]
        filled = torch.zeros(shape, dtype=attnc_torch.DTYPES[tensor["element"]], device="cuda")
        if tensor["element"] == "i32" and tensor["extents"][-1] == "keys":
            filled += (torch.arange(shape[-1], device="cuda") * 8 // max(shape[-1], 1)).to(torch.int32)
        tensors[tensor["name"]] = filled
    return tensors


def case(description, batch, heads, kv_heads, queries, keys):
    dim, width = description.dims["dim"], description.dims["value_dim"]
    lengths = dict(batch=batch, heads=heads, kv_heads=kv_heads, queries=queries, keys=keys)
    dtype = attnc_torch.DTYPES[description.tensors[0]["element"]]
    rows = [(heads, queries, dim), (kv_heads, keys, dim), (kv_heads, keys, width)]
    return lengths, [torch.randn(batch, *shape, device="cuda", dtype=dtype) for shape in rows], captured_tensors(description, lengths)


def run_kernel(description, rows, tensors):
    out = torch.full((*rows[0].shape[:3], description.dims["value_dim"]), float("nan"), device="cuda", dtype=rows[0].dtype)
    return attnc_torch.call(description, *rows, out=out, **tensors)[0]


def dense(flex, lengths, rows, tensors):
    """Attention in f64 by the functions of FlexAttention; the pairs that are visible; and whether scores are those of SDPA."""
    flat = {name: tensor.reshape(-1) for name, tensor in tensors.items()}
    mask_mod, score_mod = flex.functions(**lengths, tensors=flat)
    query, key, value = (tensor.double() for tensor in rows)
    group = lengths["heads"] // lengths["kv_heads"]
    key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
    b, h, q, k = (torch.arange(lengths[name], device="cuda") for name in ("batch", "heads", "queries", "keys"))
    places = b[:, None, None, None], h[:, None, None], q[:, None], k
    scores = score_mod(query @ key.transpose(2, 3), *places)
    visible = mask_mod(*places).expand(scores.shape)
    weights = torch.softmax(scores.masked_fill(~visible, float("-inf")), -1)
    plain = (query @ key.transpose(2, 3)) * query.shape[-1] ** -0.5
    return torch.nan_to_num(weights) @ value, visible, torch.allclose(scores, plain)


def check(description, flex):
    """Compares two calls with f64, one of few rows; gives the worst error and what kind of mask it is."""
    for places in ((2, 4, 2, 333, 333), (2, 6, 2, 1, 700)):
        lengths, rows, tensors = case(description, *places)
        wanted, visible, is_plain = dense(flex, lengths, rows, tensors)
        error = (run_kernel(description, rows, tensors).double() - wanted).abs()
        allowed = {torch.float32: 2e-5, torch.float16: 4e-3, torch.bfloat16: 3e-2}[rows[0].dtype]
        worst = error.max().item() / max(1.0, wanted.abs().max().item())
        if not worst <= allowed:  # NaN is wrong too.
            raise SystemExit(f"{description.name} is wrong: worst error {worst:.3g}, allowed {allowed:.3g}")
        if places[3] > 1:
            triangle = torch.ones(333, 333, dtype=torch.bool, device="cuda").tril()
            pattern = "full" if visible.all() else "causal" if (visible == triangle).all() else "other"
            pattern = pattern if is_plain else "other"
    return worst, pattern


def visible_part(mask_mod, lengths):
    """Which part of the pairs of one head is visible, a thousand rows at a time."""
    zero, keys = torch.zeros((), dtype=torch.int64, device="cuda"), torch.arange(lengths["keys"], device="cuda")
    seen = 0
    for first in range(0, lengths["queries"], 1024):
        rows = torch.arange(first, min(first + 1024, lengths["queries"]), device="cuda")
        visible = mask_mod(zero, zero, rows[:, None], keys)
        seen += visible.expand(len(rows), len(keys)).sum().item()
    return seen / (lengths["queries"] * lengths["keys"])


def seconds_of(runs, budget):
    """Medians of runs that take turns; None for one that does not run here, with its reason on stderr."""
    times = {name: [] for name in runs}
    for name, run in list(runs.items()):
        try:
            run()
            torch.cuda.synchronize()
        except Exception as error:
            print(f"  {name} does not run: {str(error).splitlines()[0]}", file=sys.stderr)
            del runs[name]
    end = time.monotonic() + budget * max(1, len(runs))
    while time.monotonic() < end or any(len(times[name]) < 5 for name in runs):
        for name, run in runs.items():
            begin, finish = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            run()
            finish.record()
            torch.cuda.synchronize()
            times[name].append(begin.elapsed_time(finish) / 1000)
    return {name: statistics.median(found) if found else None for name, found in times.items()}


def ceilings(budget):
    """Bytes a second of a copy, and operations a second of a product of matrices in bf16."""
    source = torch.empty(2**28, dtype=torch.float32, device="cuda")
    target = torch.empty_like(source)
    left = torch.randn(8192, 8192, dtype=torch.bfloat16, device="cuda")
    found = seconds_of({"copy": lambda: target.copy_(source), "matmul": lambda: left @ left}, budget)
    return {"copy_bytes_per_second": 2 * source.nbytes / found["copy"], "matmul_flops": 2 * 8192**3 / found["matmul"]}


def measure(description, flex, pattern, places, budget):
    """Seconds of each, and what a rate needs to know of the call."""
    torch._dynamo.reset()  # Or the ninth shape would run uncompiled.
    lengths, rows, tensors = case(description, **places)
    flat = {name: tensor.reshape(-1) for name, tensor in tensors.items()}
    mask_mod, score_mod = flex.functions(**lengths, tensors=flat)
    grouped = places["heads"] != places["kv_heads"]
    extents = [lengths[name] for name in ("batch", "heads", "queries", "keys")]
    runs = {"attnc": lambda: attnc_torch.call(description, *rows, **tensors)}
    try:
        make_blocks = torch.compile(lambda: create_block_mask(mask_mod, *extents, device="cuda"))
        compiled = torch.compile(flex_attention, dynamic=False)
        blocks = make_blocks()
        attend = lambda found: compiled(*rows, score_mod=score_mod, block_mask=found, scale=1.0, enable_gqa=grouped)
        runs |= {"flex": lambda: attend(blocks), "flex with its mask": lambda: attend(make_blocks())}
    except Exception as error:
        print(f"  flex does not run: {str(error).splitlines()[0]}", file=sys.stderr)
    is_causal = pattern == "causal" and lengths["queries"] > 1
    for name, backend in BACKENDS.items() if pattern != "other" and rows[0].dtype != torch.float32 else ():

        def run(backend=backend):
            with sdpa_kernel(backend):
                return F.scaled_dot_product_attention(*rows, is_causal=is_causal, enable_gqa=grouped)

        runs[name] = run
    seconds = seconds_of(runs, budget)
    return {"seconds": seconds, "visible": visible_part(mask_mod, lengths), "element_bytes": rows[0].element_size()}


def versions():
    """What the peers are: PyTorch, and which of its ways FlexAttention and SDPA take by themselves here."""
    try:
        import flash_attn.cute  # noqa: F401

        flex = "may use the kernels of flash-attn-4"
    except ImportError:
        flex = "Triton"
    rows = [torch.zeros(1, 1, 256, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3)]
    names = {value: name for name, value in SDPBackend.__members__.items()}
    chosen = next((name for value, name in names.items() if int(value) == torch._fused_sdp_choice(*rows)), "unknown")
    major, minor = torch.cuda.get_device_capability()
    device = {"device": torch.cuda.get_device_name(), "capability": 10 * major + minor}
    return {**device, "torch": torch.__version__, "cuda": torch.version.cuda, "flex": flex, "sdpa": chosen}
