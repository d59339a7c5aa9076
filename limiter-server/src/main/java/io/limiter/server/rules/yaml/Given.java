package io.limiter.server.rules.yaml;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** A value, and where in the file it was given. */
public record Given<T>(T value, Node at) {

  public static <T> T valueOr(@Nullable Given<T> given, T otherwise) {
    return given == null ? otherwise : given.value;
  }
}
