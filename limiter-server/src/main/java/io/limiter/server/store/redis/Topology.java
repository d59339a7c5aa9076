package io.limiter.server.store.redis;

import java.util.List;

/** Which Redis holds which key. Safe to call from any thread; nothing here blocks. */
interface Topology extends AutoCloseable {

  /**
   * The node that holds a key now. Asked anew for every question, as it may change.
   *
   * @param key a whole Redis key; an empty one if a question names none
   */
  RedisNode node(String key);

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
