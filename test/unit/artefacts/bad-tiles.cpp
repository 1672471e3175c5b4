// A call of the kernel of `halves` for sm_90a that is right, and spoilt so that its rows cannot be copied as tiles, or on
// another device. Prints what was said of each.

#include "sm_90a/halves.cu"

alignas(256) static unsigned short rows[4][64 * 48], gate[64], workspace[1 << 16];

static halves_call good() {
  halves_call call = {};
  call.query = rows[0], call.key = rows[1], call.value = rows[2], call.out = rows[3], call.gate_ = gate;
  call.batch = 1, call.heads = call.kv_heads = 1, call.queries = 20, call.keys = 20, call.window_ = 9;
  call.query_strides[2] = call.key_strides[2] = call.value_strides[2] = call.out_strides[2] = 40;
  return call;
}

static void try_out(const char* what, const halves_call& call) {
  const int status = halves_launch(&call, workspace, sizeof workspace, nullptr);
  printf("%s: %d, %s\n", what, status, status ? halves_message(status) : "runs");
}

int main() {
  const char* const names[] = {"query", "key", "value", "out"};
  for (int index = 0; index < 4; index++) attnc::emulation::declare_memory(names[index], rows[index], sizeof rows[index]);
  attnc::emulation::declare_memory("gate", gate, sizeof gate);
  attnc::emulation::declare_memory("workspace", workspace, sizeof workspace);
  try_out("nothing", good());
  halves_call call = good();
  call.key = rows[1] + 4, try_out("address", call), call = good();
  call.value_strides[2] = 44, try_out("stride", call), call = good();
  call.query_strides[2] = 0, try_out("one row for all", call), call = good();
  call.query_strides[0] = 3, try_out("a stride that nobody takes", call);
  call.queries = 1, call.key_strides[2] = 44, try_out("few rows", call), call = good();
  call.keys = 0, call.key = nullptr, try_out("no keys", call), call = good();
  attnc::emulated_device.capability = 80, try_out("older device", call);
  attnc::emulated_device.capability = 100, try_out("newer device", call);
}
