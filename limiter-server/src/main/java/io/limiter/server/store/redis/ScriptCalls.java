package io.limiter.server.store.redis;

import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** How one Redis is asked to run a script. Safe to call from any thread. */
interface ScriptCalls {

  /** Calls a script. The stage fails with a {@link io.limiter.server.store.StoreException}. */
  CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments);
}
