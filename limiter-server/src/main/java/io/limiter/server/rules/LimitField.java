package io.limiter.server.rules;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The fields that rules files write the numbers of limits in, in the order of messages. */
public enum LimitField {
  RATE("100/s"),
  BURST("200"),
  CAPACITY("200"),
  LIMIT("100"),
  WINDOW("1m"),
  ZONE("Europe/Berlin"),
  FROM("15"),
  HOLD("30s");

  /** All of them, as files write them. */
  public static final List<String> WORDS = words(Arrays.asList(values()));

  private final String example;

  LimitField(String example) {
    this.example = example;
  }

  /** The field as files write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is an amount of what the rule counts, or so much in a time. */
  public boolean isAmount() {
    return this != WINDOW && this != ZONE && this != FROM && this != HOLD;
  }

  /** A value, for the message that it is missing. */
  public String example() {
    return example;
  }

  /** Fields as files write them. */
  public static List<String> words(List<LimitField> fields) {
    return fields.stream().map(LimitField::word).toList();
  }
}
