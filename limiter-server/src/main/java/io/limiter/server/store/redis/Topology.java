package io.limiter.server.store.redis;

import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Which Redis holds which key. Safe to call from any thread; nothing here blocks. */
interface Topology extends AutoCloseable {

  /**
   * The node that holds a key now. Asked anew for every question, as it may change.
   *
   * @param key a whole Redis key; an empty one if a question names none
   * @throws StoreException when none does at the moment
   */
  RedisNode node(String key);

  /** The keys of one place may stand in one call: they have the same number. */
  int place(String key);

  /**
   * Calls a script that decides no question, where its keys are.
   *
   * @param keys one or more, of one place
   */
  CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments);

  /** Every node that holds keys now. */
  List<RedisNode> nodes();

  /** Whether all keys can be asked for at the moment. */
  boolean connected();

  /** How it stands with Redis at the moment, for people. */
  String state();

  /** Where it is, for a person to read, without user and password. */
  String address();

  @Override
  void close();

  /** One Redis that holds every key. */
  record Standalone(RedisNode node) implements Topology {

    @Override
    public RedisNode node(String key) {
      return node;
    }

    @Override
    public int place(String key) {
      return 0;
    }

    @Override
    public CompletionStage<Reply> call(
        Scripts.Script script, List<String> keys, List<String> arguments) {
      return node.call(script, keys, arguments);
    }

    @Override
    public List<RedisNode> nodes() {
      return List.of(node);
    }

    @Override
    public boolean connected() {
      return node.connected();
    }

    @Override
    public String state() {
      return node.state();
    }

    @Override
    public String address() {
      return node.address();
    }

    @Override
    public void close() {
      node.close();
    }

    @Override
    public String toString() {
      return node.toString();
    }
  }
}
