package io.limiter.server.store.endpoint;

/** The forms of a URI of Redis, each with what messages show of it. */
enum UriForm {
  STANDALONE("redis", "HOST:6379", 6_379),
  SENTINELS("redis-sentinel", "HOST:26379,HOST:26379#PRIMARY", 26_379),
  CLUSTER("redis-cluster", "HOST:6379,HOST:6379", 6_379),
  SOCKET("redis-socket", "/run/redis/redis.sock", 0);

  private final String scheme;
  private final String place;
  private final int defaultPort;

  UriForm(String scheme, String place, int defaultPort) {
    this.scheme = scheme;
    this.place = place;
    this.defaultPort = defaultPort;
  }

  /** What stands before {@code ://} without TLS. */
  String scheme() {
    return scheme;
  }

  int defaultPort() {
    return defaultPort;
  }

  String example() {
    return scheme + "://" + place;
  }

  String withIpv6() {
    return scheme + "://" + place.replace("HOST", "[::1]");
  }

  String withLogin() {
    return scheme + "://USER:PASSWORD@" + place;
  }

  /** How to write it, for the end of a message. */
  String write() {
    String plain = "write " + example();
    return this == SOCKET
        ? plain
        : plain + ", or " + scheme.replaceFirst("redis", "rediss") + ":// for TLS";
  }
}
