package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.CollidingTexts;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What tables are keyed by, made of texts that are equal in {@link String#hashCode}, has hashes of
 * its own. Tables that are keyed by the texts themselves order those of one hash: texts compare.
 */
class EqualHashesTest {
  private static final int COUNT = 1 << 14;
  private static final FixedWindow DAY = FixedWindow.per(86_400_000_000L, 1);

  private static Stream<Arguments> keys() {
    return Stream.of(
        key("a value", PatternSyntax::parse),
        key("a start", text -> PatternSyntax.parse(text + "*")),
        key("an end", text -> PatternSyntax.parse("*" + text)),
        key("a middle", text -> PatternSyntax.parse("*" + text + "*")),
        key("a condition on a value", text -> condition("a", text)),
        key("a condition on an attribute", text -> condition(text, "a")),
        key(
            "an unwanted value",
            text -> new Condition("a", Set.of(), Set.of(PatternSyntax.parse(text)))),
        key("conditions", text -> List.of(condition("a", "b"), condition("a", text))),
        key(
            "a rule",
            text ->
                new Rule(
                    text,
                    List.of(),
                    DAY,
                    Rule.Mode.ENFORCE,
                    /* unit= */ "",
                    Keying.INLINE,
                    FailureMode.LOCAL)));
  }

  private static Arguments key(String what, Function<String, Object> of) {
    return Arguments.of(what, of);
  }

  private static Condition condition(String attribute, String value) {
    return new Condition(attribute, Set.of(PatternSyntax.parse(value)), Set.of());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void keysOfTextsOfOneHash_haveHashesOfTheirOwn(String what, Function<String, Object> of) {
    List<String> texts = CollidingTexts.of(COUNT);
    long hashes = texts.stream().map(of).map(Object::hashCode).distinct().count();
    // Of so many random hashes of 32 bits 0.03 pairs are equal.
    assertTrue(hashes > COUNT - 5, () -> what + ": " + hashes + " hashes of " + COUNT);
  }
}
