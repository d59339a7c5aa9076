package io.limiter.server.rules;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which rules of a domain apply to a request, which do not, and why. Immutable. */
public sealed interface Explanation {

  /**
   * Nobody has written a rule for the domain.
   *
   * @param nearest the known domain whose name is nearest; empty if none is near
   */
  record UnknownDomain(Optional<String> nearest) implements Explanation {}

  /**
   * Of a domain of rules.
   *
   * @param file where they are written
   * @param partition the attributes that place the domain's counters; empty for none
   * @param attributes those of the request; of entries with one key, the last
   * @param rules in the order of the file, without those that are not listed
   * @param notListed how many more rules do not apply
   */
  record OfRules(
      String file,
      List<String> partition,
      Map<String, String> attributes,
      List<Part> rules,
      int notListed)
      implements Explanation {
    public OfRules {
      partition = List.copyOf(partition);
      attributes = Map.copyOf(attributes);
      rules = List.copyOf(rules);
    }
  }

  /**
   * Of a domain of descriptors, whose entries are one descriptor.
   *
   * @param file where they are written
   * @param line of the descriptor at which the walk ended, from 1; the file's first line if it did
   *     not begin
   * @param match what came of it
   * @param steps what was met for each entry, and why the walk ended
   */
  record OfDescriptors(String file, int line, DescriptorMatch match, List<String> steps)
      implements Explanation {
    public OfDescriptors {
      steps = List.copyOf(steps);
    }
  }

  /** One rule of a domain of rules. */
  sealed interface Part {
    /** The rule's name. */
    String name();

    /** Where in the file it is written, from 1. */
    int line();

    /** The override that decided; empty when the rule itself did, or is for other requests. */
    Optional<WinningOverride> override();

    /** For people. */
    List<String> reasons();
  }

  /**
   * The request counts against the rule.
   *
   * @param rule with what the override says
   * @param candidate other numbers that are tried out beside it
   */
  record Applies(
      String name,
      int line,
      Rule rule,
      Optional<Rule> candidate,
      Optional<WinningOverride> override,
      List<String> reasons)
      implements Part {
    public Applies {
      reasons = List.copyOf(reasons);
    }
  }

  /** The rule does not count the request. */
  record DoesNot(String name, int line, Optional<WinningOverride> override, List<String> reasons)
      implements Part {
    public DoesNot {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * An override that decided what its rule does.
   *
   * @param number among the rule's overrides, from 1
   * @param line of the file, from 1
   */
  record WinningOverride(int number, int line) {
    @Override
    public String toString() {
      return "override %d (line %d)".formatted(number, line);
    }
  }
}
