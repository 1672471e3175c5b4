// The workers of a kernel: started together, given one task each, waited for together, and replaced where one has died.
// They keep the process alive only while they have something to do.

import { AttentionInputError, disposed } from "./errors.ts";
import type { Answer, SetUp, Task } from "./tasks.ts";
import { openWorker, type StartWorker, type WorkerEvents } from "./worker-port.ts";

export type Crew = {
  /** One task for each worker. Settles when every worker is done or dead, so that nobody touches the memory any more.
   *  Throws AttentionInputError E0715 where one failed, E0711 after `end`.
   *  @param onFailure is called at once when one fails, to tell the others */
  run(tasks: readonly Task[], onFailure: () => void): Promise<void>;
  end(): void;
};

/** Throws AttentionInputError E0715 where a worker does not start. */
export async function startCrew(size: number, setUp: SetUp, start: StartWorker): Promise<Crew> {
  let members = await hireAll(Array.from({ length: size }, () => hire(setUp, start)));
  let ended = false;
  const end = () => {
    ended = true;
    for (const member of members) member.end();
  };
  return {
    end,
    async run(tasks, onFailure) {
      if (members.some(({ isDead }) => isDead())) {
        members = await hireAll(members.map(async (member) => (member.isDead() ? hire(setUp, start) : member)));
        // Whoever ended the crew meanwhile could not know the new ones.
        if (ended) end();
      }
      if (ended) throw disposed();
      const done = tasks.map((task, index) =>
        members[index]!.do(task).catch((error: unknown) => {
          onFailure();
          throw error;
        }),
      );
      await allSettled(done);
    },
  };
}

/** Without all of them there are none. */
async function hireAll(hired: readonly Promise<Member>[]): Promise<Member[]> {
  try {
    return await allSettled(hired);
  } catch (error) {
    for (const member of hired) member.then(({ end }) => end()).catch(() => {});
    throw error;
  }
}

type Member = {
  do(message: SetUp | Task): Promise<void>;
  isDead(): boolean;
  end(): void;
};

async function hire(setUp: SetUp, start: StartWorker): Promise<Member> {
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  let cause: Error | undefined;
  const settle = (error?: Error) => {
    const { resolve, reject } = waiting ?? {};
    waiting = undefined;
    if (error) reject?.(error);
    else resolve?.();
  };
  const die = (error: Error) => {
    cause ??= error;
    settle(cause);
  };
  const events: WorkerEvents = {
    onMessage(message) {
      port.keepAlive(false);
      const { failure } = message as Answer;
      settle(failure === undefined ? undefined : failed(failure));
    },
    onEnd: (reason) => die(failed(reason)),
  };
  const port = await openWorker(start, events).catch((error: unknown) => {
    throw failed(String(error));
  });
  const member: Member = {
    do: (message) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (cause) return settle(cause);
        port.keepAlive(true);
        port.post(message);
      }),
    isDead: () => cause !== undefined,
    end() {
      die(disposed());
      port.end();
    },
  };
  try {
    await member.do(setUp);
  } catch (error) {
    member.end();
    throw error;
  }
  return member;
}

/** Waits for all, also where one fails; then throws the first failure. */
async function allSettled<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

const failed = (why: string) => new AttentionInputError("E0715", "", `a worker failed: ${why}`);
