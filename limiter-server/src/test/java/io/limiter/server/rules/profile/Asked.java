package io.limiter.server.rules.profile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A gateway's request, made up. */
final class Asked implements IncomingRequest {
  static final String PEER = "203.0.113.9";

  private final String method;
  private final String target;
  private final List<String> names = new ArrayList<>();
  private final List<String> values = new ArrayList<>();

  Asked(String method, String target) {
    this.method = method;
    this.target = target;
  }

  static Asked get() {
    return new Asked("GET", "/v1/authorize/web");
  }

  Asked with(String name, String value) {
    names.add(name);
    values.add(value);
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public @Nullable String header(String name) {
    return headers(name).stream().findFirst().orElse(null);
  }

  @Override
  public List<String> headers(String name) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(name)) {
        lines.add(values.get(i));
      }
    }
    return lines;
  }

  @Override
  public String peer() {
    return PEER;
  }

  @Override
  public long waitNanos() {
    return 7;
  }

  @Override
  public String toString() {
    return names + " " + values;
  }
}
