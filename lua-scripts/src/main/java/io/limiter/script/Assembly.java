package io.limiter.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A script as it is put together, part by part. Not safe to share between threads.
 *
 * <p>A call makes every function of its script anew, and pays for each variable of others that a
 * function takes. One that is local to the function around it is looked for among all that were
 * taken before; one from further out is at hand. So a long script has an inner function, and what
 * few calls need is made late.
 */
final class Assembly {
  private static final Pattern READER = Pattern.compile("\\bread_row\\.[A-Za-z]\\b");

  private final List<String> texts = new ArrayList<>();
  private final List<String> algorithms;
  private final boolean givesBack;
  private int nested;

  /** A script that shares nothing with the others. */
  Assembly() {
    this.algorithms = List.of();
    this.givesBack = false;
  }

  /**
   * A script with what all share.
   *
   * @param clock declares {@code now}
   * @param algorithms those that it may hold
   * @param givesBack whether it gives back what was charged
   */
  Assembly(String clock, List<String> algorithms, boolean givesBack) {
    this.algorithms = algorithms;
    this.givesBack = givesBack;
    add(clock).parts("prelude");
    if (givesBack) {
      parts("back");
    }
  }

  Assembly add(String text) {
    texts.add(text);
    return this;
  }

  /** Adds files of this package, by their names without the ending. */
  Assembly parts(String... names) {
    for (String name : names) {
      add(ScriptSource.read("script/" + name));
    }
    return this;
  }

  /** What is added from here on stands in a function of its own, in what was added before. */
  Assembly nest() {
    nested++;
    return add("return (function()");
  }

  /**
   * Adds files the functions of which are made when the first is called.
   *
   * @param function the one that is called first, with up to two arguments. What was added before
   *     declares what others call, and the files define it
   */
  Assembly late(String function, String... names) {
    add("function " + function + "(a, b)").parts(names);
    return add("return " + function + "(a, b)\nend");
  }

  /** Adds each algorithm. */
  Assembly algorithms() {
    algorithms.forEach(name -> add(ScriptSource.algorithm(name, givesBack)));
    return this;
  }

  /** Adds a file of each algorithm that was added. */
  Assembly ofEachAlgorithm(String what) {
    algorithms.forEach(name -> add(ofAlgorithm(name, what)));
    return this;
  }

  private static String ofAlgorithm(String name, String what) {
    return ScriptSource.read("algorithm/" + name + "_" + what);
  }

  /**
   * Adds each algorithm for rows that are read behind it. Of several, most calls need but some: the
   * functions of one are made when the first of its rows is read.
   *
   * @param overcharges whether the script also charges beyond limits
   */
  Assembly algorithmsByRow(boolean overcharges) {
    if (overcharges) {
      parts("overcharging");
    }
    for (String name : algorithms) {
      String own = ScriptSource.algorithm(name, givesBack);
      String text = overcharges ? own + ofAlgorithm(name, "overcharging") : own;
      if (algorithms.size() == 1) {
        add(text);
      } else {
        lateAlgorithm("make_" + name, text);
      }
    }
    return this;
  }

  private void lateAlgorithm(String maker, String text) {
    add("local function " + maker + "(place, letter)").add(text);
    add("return read_row[letter](place, letter)\nend");
    READER
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .distinct()
        .forEach(reader -> add(reader + " = " + maker));
  }

  /** The script. */
  Scripts.Script script() {
    return new Scripts.Script(
        ScriptSource.inlined(String.join("\n", texts) + "\nend)()".repeat(nested)));
  }
}
