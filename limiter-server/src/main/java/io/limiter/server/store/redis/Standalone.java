package io.limiter.server.store.redis;

import java.util.List;

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
