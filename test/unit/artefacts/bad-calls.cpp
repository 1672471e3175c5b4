// A call of `packed` that is right, spoilt in one way after the other: each gives a status and words that name the tensor.
// Prints what was said of each.

#include "packed.cu"

static float rows[4][2 * 24 * 64], lse[64], elsewhere[64];
static int doc[64], lengths[2];
alignas(256) static char workspace[65536];

static packed_call good() {
  packed_call call = {};
  call.query = rows[0], call.key = rows[1], call.value = rows[2], call.out = rows[3], call.lse = lse, call.doc_ = doc;
  call.batch = 1, call.heads = call.kv_heads = 1, call.queries = 20, call.keys = 20;
  call.query_strides[2] = call.key_strides[2] = call.value_strides[2] = call.out_strides[2] = 40;
  call.slope_ = 0.5f;
  return call;
}

static void try_out(const char* what, const packed_call& call, size_t bytes = sizeof workspace, char* from = workspace) {
  const int status = packed_launch(&call, from, bytes, nullptr);
  printf("%s: %s\n", what, status ? packed_message(status) : "runs");
}

template <class T>
static T* moved(T* address, int bytes) {
  return reinterpret_cast<T*>(reinterpret_cast<size_t>(address) + bytes);
}

int main() {
  using namespace attnc::emulation;
  const char* const names[] = {"query", "key", "value", "out"};
  for (int index = 0; index < 4; index++) declare_memory(names[index], rows[index], sizeof rows[index]);
  declare_memory("lse", lse, sizeof lse), declare_memory("doc", doc, sizeof doc);
  declare_memory("lengths", lengths, sizeof lengths), declare_memory("workspace", workspace, sizeof workspace);
  try_out("nothing", good());
  packed_call call = good();
  call.key = nullptr, try_out("null", call), call = good();
  call.value = moved(call.value, 2), try_out("misaligned", call), call = good();
  call.query = elsewhere, try_out("elsewhere", call), call = good();
  call.doc_ = moved(call.doc_, 1), try_out("captured", call), call = good();
  call.key_lengths = moved(lengths, 2), try_out("optional", call), call = good();
  call.query_start = reinterpret_cast<int*>(elsewhere), try_out("optional elsewhere", call), call = good();
  call.out_strides[2] = 8, try_out("overlap", call), call = good();
  call.kv_heads = 0, try_out("heads", call), call = good();
  call.keys = -1, try_out("length", call), call = good();
  try_out("small workspace", call, 256), try_out("misaligned workspace", call, 65536 - 64, workspace + 64);
  attnc::emulated_device.capability = 35, try_out("old device", call);
  attnc::emulated_device = {90, 1024, 3}, try_out("little memory", call);
}
