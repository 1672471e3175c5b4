// The threads of one block as fibres. A fibre runs until it waits for its warp or its block; when all it waits for have
// come, they go on. A wait that can never end is misuse of a barrier and is reported with who came and who did not.
#pragma once

#if !defined(__x86_64__) || defined(ATTNC_PORTABLE_FIBRES)
#include <ucontext.h>
#endif

namespace attnc {

constexpr int WARP = 32, WARPGROUP = 128;

namespace emulation {

constexpr int MOST_THREADS = 1024;
constexpr size_t STACK_BYTES = 256 * 1024;

enum class Wait { nothing, warp, block, phase };

/// What a phase waits for before it ends: arrivals, and bytes of copies.
struct Phase {
  int arrivals, missing;
  long long bytes;
  /// Phases that have ended.
  unsigned ended;
};

struct Fibre {
  void* stack_pointer;
#if !defined(__x86_64__) || defined(ATTNC_PORTABLE_FIBRES)
  ucontext_t context;
#endif
  Wait waits;
  /// Name of the primitive that it waits in.
  const char* in;
  /// Where it waits for a phase: which, and how many have ended then.
  const Phase* phase;
  unsigned until;
  bool done;
};

/// The block that runs now.
struct Block {
  Fibre fibres[MOST_THREADS];
  int threads;
  /// Number of the thread that runs now.
  int current;
  /// Barriers passed so far, by the block and by each warp; a barrier of the block counts for its warps too.
  unsigned epoch;
  unsigned warp_epoch[MOST_THREADS / WARP];
  void (*body)(const void*);
  const void* call;
  const char* kernel;
  void* scheduler;
#if !defined(__x86_64__) || defined(ATTNC_PORTABLE_FIBRES)
  ucontext_t scheduler_context;
#endif
};
inline Block block;

/// Prints what went wrong, where, and ends the process with a status of its own.
[[noreturn]] inline void fail(const char* what) {
  fflush(stdout);
  fprintf(stderr, "kernel %s, block (%u, %u, %u), thread %d: %s\n", block.kernel, blockIdx.x, blockIdx.y, blockIdx.z,
          block.current, what);
  _Exit(86);
}

#if defined(__x86_64__) && !defined(ATTNC_PORTABLE_FIBRES)
// Saves what a call must preserve, and goes on with the other stack. A library's switch would make a system call.
extern "C" void attnc_switch_stack(void** from, void* to);
asm(R"(
.text
.globl attnc_switch_stack
attnc_switch_stack:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret
)");
inline void resume(Fibre& fibre) { attnc_switch_stack(&block.scheduler, fibre.stack_pointer); }
inline void suspend(Fibre& fibre) { attnc_switch_stack(&fibre.stack_pointer, block.scheduler); }
#else
inline void resume(Fibre& fibre) { swapcontext(&block.scheduler_context, &fibre.context); }
inline void suspend(Fibre& fibre) { swapcontext(&fibre.context, &block.scheduler_context); }
#endif

inline void run_fibre() {
  block.body(block.call);
  Fibre& fibre = block.fibres[block.current];
  fibre.done = true;
  suspend(fibre);
}

inline void prepare(Fibre& fibre, char* stack) {
  fibre.waits = Wait::nothing;
  fibre.done = false;
#if defined(__x86_64__) && !defined(ATTNC_PORTABLE_FIBRES)
  // As if run_fibre had been called: a return address, and six registers below it. The stack is 16 bytes aligned at a call.
  void** top = reinterpret_cast<void**>(stack + STACK_BYTES - 16);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(&run_fibre);
  fibre.stack_pointer = top - 6;
#else
  getcontext(&fibre.context);
  fibre.context.uc_stack.ss_sp = stack;
  fibre.context.uc_stack.ss_size = STACK_BYTES;
  makecontext(&fibre.context, run_fibre, 0);
#endif
}

/// The running thread waits; `in` names the primitive.
inline void wait(Wait what, const char* in) {
  Fibre& fibre = block.fibres[block.current];
  fibre.waits = what;
  fibre.in = in;
  suspend(fibre);
}

/// The running thread waits until so many phases have ended.
inline void wait_for(const Phase& phase, unsigned until, const char* in) {
  Fibre& fibre = block.fibres[block.current];
  fibre.phase = &phase;
  fibre.until = until;
  wait(Wait::phase, in);
}

/// What a copy of a tile brings arrives when nobody can go on without it, as late as the rules allow. False where none is under way.
inline bool land_tile();

inline void place(int thread) {
  block.current = thread;
  threadIdx = {static_cast<unsigned>(thread), 0, 0};
}

/// True if all threads from `first` on, `count` of them, wait for the same primitive.
inline bool all_wait(int first, int count, Wait what) {
  for (int thread = first; thread < first + count; thread++) {
    const Fibre& fibre = block.fibres[thread];
    if (fibre.done || fibre.waits != what || strcmp(fibre.in, block.fibres[first].in) != 0) return false;
  }
  return true;
}

inline void release(int first, int count) {
  for (int thread = first; thread < first + count; thread++) block.fibres[thread].waits = Wait::nothing;
}

[[noreturn]] inline void fail_phase(int waiting) {
  const Fibre& stuck = block.fibres[waiting];
  const Phase& phase = *stuck.phase;
  char text[256];
  snprintf(text, sizeof text, "%s waits for ever: of its phase %u, %d of %d arrivals have come, and %lld bytes are missing",
           stuck.in, phase.ended, phase.arrivals - phase.missing, phase.arrivals, phase.bytes);
  place(waiting);
  fail(text);
}

/// Some thread waits for ever: says for what, and what a thread that it waits for does instead.
[[noreturn]] inline void fail_stuck() {
  int waiting = 0;
  while (block.fibres[waiting].done) waiting++;
  // A warp that cannot go on holds up its block, so it is the cause.
  for (int thread = waiting; thread < block.threads; thread++) {
    if (!block.fibres[thread].done && block.fibres[thread].waits == Wait::warp) waiting = thread;
  }
  const Fibre& stuck = block.fibres[waiting];
  if (stuck.waits == Wait::phase) fail_phase(waiting);
  const int first = stuck.waits == Wait::warp ? waiting / WARP * WARP : 0;
  const int count = stuck.waits == Wait::warp ? WARP : block.threads;
  int came = 0, other = first;
  for (int thread = first; thread < first + count; thread++) {
    const Fibre& fibre = block.fibres[thread];
    const bool here = !fibre.done && fibre.waits == stuck.waits && strcmp(fibre.in, stuck.in) == 0;
    came += here;
    if (!here) other = thread;
  }
  char text[256];
  snprintf(text, sizeof text, "%s was reached by %d of %d threads; thread %d %s%s", stuck.in, came, count, other,
           block.fibres[other].done ? "has ended" : "waits in ", block.fibres[other].done ? "" : block.fibres[other].in);
  place(waiting);
  fail(text);
}

inline bool all_done() {
  for (int thread = 0; thread < block.threads; thread++) {
    if (!block.fibres[thread].done) return false;
  }
  return true;
}

/// Runs one block to its end.
inline void run_block(char* stacks) {
  for (int thread = 0; thread < block.threads; thread++) prepare(block.fibres[thread], stacks + thread * STACK_BYTES);
  for (;;) {
    bool moved = false;
    for (int first = 0; first < block.threads; first += WARP) {
      // A warp goes as far as it can before the next one moves.
      for (bool released = true; released;) {
        for (int thread = first; thread < first + WARP; thread++) {
          Fibre& fibre = block.fibres[thread];
          if (fibre.waits == Wait::phase && fibre.phase->ended >= fibre.until) fibre.waits = Wait::nothing;
          if (fibre.done || fibre.waits != Wait::nothing) continue;
          place(thread);
          resume(fibre);
          moved = true;
        }
        released = all_wait(first, WARP, Wait::warp);
        if (!released) continue;
        block.warp_epoch[first / WARP]++;
        release(first, WARP);
      }
    }
    if (all_wait(0, block.threads, Wait::block)) {
      block.epoch++;
      for (int warp = 0; warp < block.threads / WARP; warp++) block.warp_epoch[warp]++;
      release(0, block.threads);
    } else if (!moved) {
      if (all_done()) return;
      if (!land_tile()) fail_stuck();
    }
  }
}

}  // namespace emulation

inline void block_barrier() { emulation::wait(emulation::Wait::block, "block_barrier"); }
inline void warp_barrier() { emulation::wait(emulation::Wait::warp, "warp_barrier"); }

}  // namespace attnc
