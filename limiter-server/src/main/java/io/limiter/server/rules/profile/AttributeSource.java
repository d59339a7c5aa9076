package io.limiter.server.rules.profile;

import io.limiter.server.key.Address;
import org.jspecify.annotations.Nullable;

/** Where the value of an attribute comes from. Immutable. */
public sealed interface AttributeSource {

  /** The value in a request; null or empty if it has none. */
  @Nullable String of(OriginalRequest request);

  /** A header that the caller sent, or the gateway set. */
  record Header(String name) implements AttributeSource {
    @Override
    public @Nullable String of(OriginalRequest request) {
      return request.header(name);
    }
  }

  /**
   * The address of the client.
   *
   * @param v4 how many bits of an IPv4 address count, 0 to 32
   * @param v6 how many bits of an IPv6 address count, 0 to 128
   */
  record Client(int v4, int v6) implements AttributeSource {
    /** The whole address: rules say how many of its bits count. */
    public static final Client WHOLE = new Client(32, 128);

    @Override
    public @Nullable String of(OriginalRequest request) {
      Address address = request.client();
      return address == null ? null : address.network(address.isIpv4() ? v4 : v6).toString();
    }
  }

  /** The method, in upper case. */
  record Method() implements AttributeSource {
    @Override
    public String of(OriginalRequest request) {
      return request.method();
    }
  }

  /** The host, in lower case and without a port. */
  record Host() implements AttributeSource {
    @Override
    public @Nullable String of(OriginalRequest request) {
      return request.host();
    }
  }

  /** The path, normalised. */
  record Path() implements AttributeSource {
    @Override
    public String of(OriginalRequest request) {
      return request.target().path();
    }
  }

  /** Both, with a space between: {@code POST /login}. */
  record MethodAndPath() implements AttributeSource {
    @Override
    public String of(OriginalRequest request) {
      return request.method() + ' ' + request.target().path();
    }
  }

  /**
   * A segment of the path.
   *
   * @param number from 1
   */
  record Segment(int number) implements AttributeSource {
    @Override
    public @Nullable String of(OriginalRequest request) {
      return request.target().segment(number);
    }
  }

  /** A parameter of the query, the first of its name. */
  record Query(String name) implements AttributeSource {
    @Override
    public @Nullable String of(OriginalRequest request) {
      return request.target().parameter(name);
    }
  }

  /** The same for every request. */
  record Value(String text) implements AttributeSource {
    @Override
    public String of(OriginalRequest request) {
      return text;
    }
  }
}
