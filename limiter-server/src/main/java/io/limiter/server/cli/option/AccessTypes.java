package io.limiter.server.cli.option;

import io.limiter.server.access.Method;
import io.limiter.server.rules.Suggestion;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the arguments about access may be. */
public final class AccessTypes {
  private AccessTypes() {}

  /** What a caller may be allowed to do. */
  public static final class OfMethod implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return Stream.of(Method.values())
          .filter(method -> method.word().equals(text))
          .findFirst()
          .orElseThrow(() -> unknown(text));
    }

    private static TypeConversionException unknown(String text) {
      List<String> words = Stream.of(Method.values()).map(Method::word).toList();
      return new TypeConversionException(
          "\"%s\" is no method of grants; %s".formatted(text, Suggestion.meant(text, words)));
    }
  }
}
