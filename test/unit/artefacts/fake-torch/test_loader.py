"""Calls the kernel of this folder by way of attnc_torch, emulated: right ones give the answers of the cases, wrong ones an
error that names the tensor. Prints nothing where all is well."""

import sys

import numpy
import torch

import attnc_kernel
import attnc_load
import attnc_torch
import check
import packed_torch

description = packed_torch.DESCRIPTION
attnc_torch.load = lambda description, architecture: attnc_load.Library(description, "./packed.emulated.so")
case = check.cases_of(description)["2"]
tensor = torch.Tensor
rows = [tensor(case[name]) for name in ("query", "key", "value")]
others = {"doc": tensor(case["doc"]), "slope": case["param.slope"].item(), "key_lengths": tensor(case["key_lengths"])}


def expect_error(words, *rows, **others):
    try:
        packed_torch.call(*rows, **others)
    except attnc_kernel.CallError as error:
        if str(error) != words:
            print(f"{error!s} instead of {words}")
        return
    print(f"no error, but there should be: {words}")


def expect_right(results):
    for name, result in zip(description.results, results):
        error = numpy.abs(result.array - case[f"{name}.expected"])
        error[result.array == case[f"{name}.expected"]] = 0
        if not (error <= case[f"{name}.bound"]).all():
            print(f"{name} is wrong")


# ---- What is right ---------------------------------------------------------------------------------------------------------

expect_right(packed_torch.call(*rows, **others))
operator = packed_torch.operator()
expect_right(operator(*rows, others["doc"], slope=others["slope"], key_lengths=others["key_lengths"]))
if packed_torch.operator() is not operator:
    print("an operator is registered twice")
entry = torch.defined["attnc::packed"]
wanted = "(Tensor query, Tensor key, Tensor value, Tensor doc, *, Tensor? key_lengths=None, Tensor? query_start=None, float slope=0.5) -> (Tensor, Tensor)"
if entry["schema"] != wanted:
    print(entry["schema"])
real, fake = operator(*rows, others["doc"]), entry["fake"](*rows, others["doc"])
if [(each.shape, each.dtype) for each in real] != [(each.shape, each.dtype) for each in fake]:
    print("the fake tensors differ from the real ones")

# PyTorch takes no tuple of one for `-> (Tensor)`: an operator with one result gives the tensor.
one_result = attnc_kernel.Description("halves.json")
attnc_torch.register(one_result)
entry = torch.defined["attnc::halves"]
alone = entry["fake"](torch.empty((1, 2, 3, 24)), torch.empty((1, 1, 5, 24)), None)
if not entry["schema"].endswith("-> (Tensor)") or not isinstance(alone, tensor) or alone.shape != (1, 2, 3, 40):
    print("an operator with one result does not give a tensor", entry["schema"], alone)

# ---- What is wrong ---------------------------------------------------------------------------------------------------------

query, key, value = rows
expect_error("query is on cpu, no CUDA device", tensor(query.array, torch.cpu), key, value, **others)
expect_error("key is on cpu, no CUDA device", query, tensor(key.array, torch.cpu), value, **others)
expect_error("value is on cuda:1, but query is on cuda:0", query, key, tensor(value.array, torch.Device("cuda:1")), **others)
expect_error("value is float16, but the kernel was compiled for float32", query, key, tensor(value.array.astype("f2")), **others)
expect_error("doc is float32, but the kernel was compiled for int32", *rows, **{**others, "doc": tensor(case["doc"].astype("f4"))})
backward = tensor(key.array[..., ::-1])
expect_error("key has the stride -1 along its last axis, which must be contiguous", query, backward, value, **others)
expect_error("doc is not contiguous", *rows, **{**others, "doc": tensor(case["doc"][:, ::2])})
expect_error("doc is missing", *rows)
expect_error("packed knows no window", *rows, **others, window=3)
expect_error("value has 23 elements along axis 2 instead of 33", query, key, tensor(value.array[:, :, :23]), **others)
odd = numpy.zeros(query.array.nbytes + 1, numpy.uint8)[1:].view("f4").reshape(query.shape)
expect_error("query is not aligned to its elements of 4 bytes", tensor(odd), key, value, **others)
expect_error("out has the shape (1, 2) instead of (2, 2, 40, 40)", *rows, out=torch.empty((1, 2)), **others)
overlapping = tensor(numpy.lib.stride_tricks.as_strided(numpy.zeros(99999, "f4"), (2, 2, 40, 40), (32000, 16000, 4, 4)))
expect_error("rows of out overlap: the stride of the queries is 1, less than 40", *rows, out=overlapping, **others)
expect_error("key_lengths has the shape (3,) instead of (2,)", *rows, **{**others, "key_lengths": torch.zeros(3, torch.int32)})

attnc_torch.loaded.clear()
torch.capability = (3, 5)
expect_error("query is on a device of capability 3.5, but packed needs 5.0", *rows, **others)
torch.capability, torch.shared_bytes = (9, 0), 1024
needed = max(step["shared_bytes"] for step in description.steps)
expect_error(f"query is on a device with 1024 bytes of shared memory a block, but packed needs {needed}", *rows, **others)

# ---- Rows of several heads in a tile, as attnc/host.h has them ----------------------------------------------------------------

for group, queries, bits in ((1, 40, 7), (4, 40, 6), (8, 20, 5), (6, 20, 6), (3, 20, 7), (16, 17, 3), (64, 1, 3), (8, 4096, 7)):
    if attnc_kernel.rows_of_head(group, queries, 7) != bits:
        print("rows of a head in a tile", group, queries, attnc_kernel.rows_of_head(group, queries, 7))

# ---- Ways to load ------------------------------------------------------------------------------------------------------------


def missing(description, architecture):
    raise OSError("it is not there")


ways = {"the first": missing, "the second": lambda description, architecture: architecture}
if attnc_load.load(description, "sm_90", ways) != "sm_90":
    print("the second way was not taken")
try:
    attnc_load.load(description, "sm_90", {"the first": missing})
    print("no way works, and that is no error")
except attnc_kernel.CallError as error:
    if str(error) != "packed could not be loaded by the first: it is not there":
        print(error)
