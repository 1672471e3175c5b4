"""Runs the cases beside this file and compares every element with its own bound: `python3 check.py` on a device, with
PyTorch; `python3 check.py --emulated` on the CPU, with NumPy and a C++ compiler. Ends with 1 where anything differs."""

import pathlib
import subprocess
import sys

import numpy

from attnc_kernel import Description
from attnc_load import Library

FOLDER = pathlib.Path(__file__).parent


def narrow(array, element):
    """A tensor as the kernel reads it; the cases hold halves as floats, and what survives this."""
    if element == "f16":
        return array.astype(numpy.float16)
    # The upper half of an f32; the lower one is zero.
    return (array.view(numpy.uint32) >> 16).astype(numpy.uint16) if element == "bf16" else array


def widen(array, element):
    if element == "bf16":
        return (array.astype(numpy.uint32) << 16).view(numpy.float32)
    return array.astype(numpy.float32)


def run_emulated(description, case):
    """The call on the CPU: addresses are NumPy's, and results are poisoned before."""
    library = Library(description, description.folder / f"{description.name}.emulated.so")
    arrays = {each["name"]: narrow(case[each["name"]], each["element"]) for each in description.tensors}
    element = description.tensors[0]["element"]
    lengths = description.lengths({name: array.shape for name, array in arrays.items()}, {})
    results = {"out": numpy.empty(arrays["query"].shape[:3] + (description.dims["value_dim"],), arrays["query"].dtype)}
    for name, (shape, element_of) in description.shapes_of_outputs(lengths).items():
        results[name] = numpy.empty(shape, numpy.int32 if element_of == "i32" else numpy.float32)
    for result in results.values():
        result.view(numpy.uint8).fill(255)  # Not a number, in every type.
    alive = {**arrays, **results, **{name: case[name] for name in ("key_lengths", "query_start") if name in case}}
    addresses = {name: array.ctypes.data for name, array in alive.items() if array.size}
    strides = {name: [step // array.itemsize for step in array.strides[:3]] for name, array in alive.items()}
    params = {name: case[f"param.{name}"].item() for name in description.defaults}
    record = description.record(lengths, addresses, strides, params)
    size = library.workspace_bytes(lengths, record)
    workspace = numpy.full(size + 256, 255, numpy.uint8)
    library.launch(lengths, record, -(-workspace.ctypes.data // 256) * 256, size, None)
    return {name: widen(result, element) if name == "out" else result for name, result in results.items()}


def run_on_device(description, case):
    import torch

    import attnc_torch

    def on_device(name):
        return torch.from_numpy(case[name]).cuda()

    given = {each["name"]: on_device(each["name"]).to(attnc_torch.DTYPES[each["element"]]) for each in description.tensors}
    optional = {name: on_device(name) for name in ("key_lengths", "query_start") if name in case}
    params = {name: case[f"param.{name}"].item() for name in description.defaults}
    results = attnc_torch.call(description, **given, **optional, **params)
    return {name: result.float().cpu().numpy() for name, result in zip(description.results, results)}


def cases_of(description):
    with numpy.load(FOLDER / f"{description.name}.cases.npz") as archive:
        cases = {}
        for key in archive.files:
            case, name = key.split("/", 1)
            cases.setdefault(case, {})[name] = archive[key]
    return cases


def main():
    emulated = "--emulated" in sys.argv
    run = run_emulated if emulated else run_on_device
    failed = False
    # On a device, attnc_torch takes those of sm_90a by itself.
    special = sorted(FOLDER.glob("sm_90a/*.cu")) if emulated else []
    for path in [*sorted(FOLDER.glob("*.cu")), *special]:
        description = Description(path.with_suffix(".json"))
        if emulated:
            library = (path.parent / f"{description.name}.emulated.so").relative_to(FOLDER)
            subprocess.run(["make", "-s", str(library)], cwd=FOLDER, check=True)
        for case_name, case in cases_of(description).items():
            for name, result in run(description, case).items():
                error = numpy.abs(result - case[f"{name}.expected"])
                # Two infinities agree, and their difference is no number.
                error[result == case[f"{name}.expected"]] = 0
                within = error <= case[f"{name}.bound"]
                failed |= not within.all()
                worst = error.max(initial=0)
                print(f"{path.relative_to(FOLDER).with_suffix('')} {case_name} {name}: {'ok' if within.all() else 'WRONG'}, worst error {worst:.2g}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
