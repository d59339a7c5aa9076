package io.limiter.server.access;

import java.util.List;

/** What is proven of who calls. */
public sealed interface Credential {
  /** Nothing. */
  Credential NONE = new Names(List.of());

  /** How a caller is told by it: none, certificate, token, jwt or user. */
  String word();

  /**
   * A certificate that this service's authorities signed.
   *
   * @param names its subject alternative names: URIs, such as SPIFFE ids, and host names
   */
  record Names(List<String> names) implements Credential {
    public Names {
      names = List.copyOf(names);
    }

    @Override
    public String word() {
      return names.isEmpty() ? "none" : "certificate";
    }
  }

  /**
   * A secret that was configured as its hash.
   *
   * @param caller whose it is
   * @param hash as the configuration has it
   */
  record Token(String caller, String hash) implements Credential {
    @Override
    public String word() {
      return "token";
    }
  }

  /**
   * A token that somebody trusted signed.
   *
   * @param issuer the name that the configuration gives its issuer
   * @param key what it was verified with, as that is known by
   * @param subject whom it is of
   * @param untilMillis when it is over, in milliseconds since the epoch, with the clock's leeway
   */
  record Signed(String issuer, String key, String subject, long untilMillis) implements Credential {
    @Override
    public String word() {
      return "jwt";
    }
  }

  /** A user of this host, on a Unix socket. */
  record User(int uid) implements Credential {
    @Override
    public String word() {
      return "user";
    }
  }
}
