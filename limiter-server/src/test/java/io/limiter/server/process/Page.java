package io.limiter.server.process;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of the documentation.
 *
 * @param name its path below the top of the repository
 * @param text all of it
 * @param lines its lines, each with what it is part of
 * @param blocks what stands between its fences, in order
 */
public record Page(String name, String text, List<Line> lines, List<Block> blocks) {
  /** A call over gRPC: what it says, and whom. */
  static final String GRPCURL =
      "^\\s*grpcurl -plaintext(?: -H \"[^\"]+\")? -d '([^']+)'[\\s\\\\]+\\S+ (\\S+)$";

  private static final Pattern FENCE = Pattern.compile("^( *)```(.*)$");
  private static final Pattern OTHERS_CELL = Pattern.compile("^\\s*\\|[^|]*\\|");
  private static final Pattern OTHERS_COMMAND =
      Pattern.compile(
          "^\\s*(?:\\$ )?(?!java -jar limiter-server|bin/limiter )[a-z][\\w./-]* .*--[a-z]");
  private static final Pattern DOMAIN = Pattern.compile("(?m)^domain: *(\\S*)");
  private static final Pattern PROFILES = Pattern.compile("(?m)^authorize:");
  private static final Pattern PRICES = Pattern.compile("(?m)^prices:");
  private static final Pattern SAVED = Pattern.compile("(?i)\\bsave (?:this|it) as `([^`]+)`");

  public Page {
    lines = List.copyOf(lines);
    blocks = List.copyOf(blocks);
  }

  /** What a line is part of. */
  enum Part {
    PROSE,
    TABLE,
    FENCED
  }

  /**
   * A line.
   *
   * @param number from 1
   */
  record Line(int number, String text, Part part) {}

  /**
   * What stands between two fences, without the indentation of the fence.
   *
   * @param page the page's name
   * @param line the number of the opening fence
   * @param language as the fence says it; empty if it says none
   * @param before the last paragraph before the fence
   */
  public record Block(String page, int line, String language, String text, String before) {

    /** Rules of ours, profiles, prices, or a configuration of Envoy's service. */
    boolean isRules() {
      return language.equals("yaml")
          && (DOMAIN.matcher(text).find() || PROFILES.matcher(text).find() || hasPrices())
          && !text.startsWith("# limiter.yaml");
    }

    /** A list of prices, which rules of the same page may name. */
    boolean hasPrices() {
      return language.equals("yaml") && PRICES.matcher(text).find();
    }

    /** A program of Envoy is configured here, not ours. */
    boolean isEnvoys() {
      return text.contains("type.googleapis.com/envoy.");
    }

    /** The commands in it, each in one line, though it may be written in several. */
    List<Shown> commands() {
      return Shown.in(language, text);
    }

    /** For messages. */
    public String place() {
      return page + ":" + line;
    }
  }

  static Page of(String name, String text) {
    List<Line> lines = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    StringBuilder before = new StringBuilder();
    StringBuilder block = new StringBuilder();
    boolean within = false;
    int opened = 0;
    int indentation = 0;
    String language = "";
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher fence = FENCE.matcher(line);
      if (fence.matches() && !within) {
        within = true;
        opened = number;
        indentation = fence.group(1).length();
        language = fence.group(2).strip();
        block.setLength(0);
        lines.add(new Line(number, line, Part.FENCED));
      } else if (fence.matches()) {
        within = false;
        blocks.add(new Block(name, opened, language, block.toString(), before.toString()));
        before.setLength(0);
        lines.add(new Line(number, line, Part.FENCED));
      } else if (within) {
        block.append(line.substring(Math.min(indentation, leadingSpaces(line)))).append('\n');
        lines.add(new Line(number, line, Part.FENCED));
      } else {
        if (!line.isBlank() && number > 1 && lines.get(number - 2).text().isBlank()) {
          before.setLength(0);
        }
        before.append(line).append('\n');
        lines.add(new Line(number, line, line.strip().startsWith("|") ? Part.TABLE : Part.PROSE));
      }
    }
    if (within) {
      throw new IllegalArgumentException(
          "%s:%d: the fence is never closed; close it".formatted(name, opened));
    }
    return new Page(name, text, lines, blocks);
  }

  private static int leadingSpaces(String line) {
    return line.length() - line.stripLeading().length();
  }

  /** What stands between fences, of one language. */
  public List<String> blocks(String language) {
    return blocks.stream()
        .filter(block -> block.language().equals(language))
        .map(Block::text)
        .toList();
  }

  /** The commands shown in blocks of one language. */
  public List<Shown> commands(String language) {
    return blocks.stream()
        .filter(block -> block.language().equals(language))
        .flatMap(block -> block.commands().stream())
        .toList();
  }

  /** What {@code pattern} finds. */
  public List<MatchResult> find(String pattern) {
    return Pattern.compile(pattern, Pattern.MULTILINE).matcher(text).results().toList();
  }

  /** The files that readers are told to save, by their names. */
  Map<String, String> saved() {
    Map<String, String> files = new LinkedHashMap<>();
    for (Block block : blocks) {
      Matcher told = SAVED.matcher(block.before());
      if (told.find()) {
        files.putIfAbsent(told.group(1), block.text());
      }
    }
    return files;
  }

  /**
   * The rules that the page shows of the domains that its consoles ask about, the first of each, as
   * files.
   */
  Map<String, String> rulesAskedAbout() {
    Set<String> asked =
        commands("console").stream()
            .filter(Shown::runsTheProgram)
            .map(shown -> shown.flag("--domain"))
            .collect(Collectors.toSet());
    Map<String, String> files = new LinkedHashMap<>();
    for (Block block : blocks) {
      Matcher domain = DOMAIN.matcher(block.text());
      if (block.isRules() && domain.find() && asked.contains(domain.group(1))) {
        files.putIfAbsent("rules/" + domain.group(1) + ".yaml", block.text());
      }
    }
    return files;
  }

  /**
   * What the page says of this program. A page {@code docs/from-*.md} tells how another program is
   * left behind. There the first column of a table that begins with {@code there} is that
   * program's, and so is a shell's command that does not run this one.
   */
  public Page withoutOthers() {
    if (!comparesWithOthers()) {
      return this;
    }
    StringBuilder ours = new StringBuilder();
    boolean compares = false;
    boolean others = false;
    boolean continued = false;
    Part before = Part.PROSE;
    for (Line line : lines) {
      if (line.part() == Part.TABLE) {
        compares = before == Part.TABLE ? compares : line.text().strip().startsWith("| there |");
        ours.append(compares ? OTHERS_CELL.matcher(line.text()).replaceFirst("|") : line.text());
      } else if (line.part() == Part.FENCED) {
        others = continued ? others : OTHERS_COMMAND.matcher(line.text()).find();
        continued = line.text().endsWith("\\");
        ours.append(others ? "" : line.text());
      } else {
        ours.append(line.text());
      }
      before = line.part();
      ours.append('\n');
    }
    return Page.of(name, ours.toString());
  }

  /** The page shows the code of another program too. */
  boolean comparesWithOthers() {
    return name.startsWith("docs/from-");
  }
}
