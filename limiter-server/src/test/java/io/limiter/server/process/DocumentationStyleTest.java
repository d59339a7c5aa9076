package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages are short enough to read, and lead on. */
class DocumentationStyleTest {
  private static final int MOST_LINES_IN_FRONT = 200;
  private static final int MOST_COLUMNS = 120;
  private static final int MOST_WORDS = 30;
  private static final int MOST_LINKS_FROM_FRONT = 2;

  private static final Pattern LINK =
      Pattern.compile("\\[(?:[^\\[\\]]|\\[[^\\]]*\\])*\\]\\(([^)\\s]*)\\)");
  private static final Pattern ELSEWHERE = Pattern.compile("^[a-z][a-z+.-]*:.*");

  private final Documentation documentation = Documentation.read();
  private final List<Page> all =
      Stream.concat(
              documentation.pages().stream(),
              Stream.of("ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md").map(Documentation::page))
          .toList();

  @Test
  void theFrontPage_isShort() {
    long lines = documentation.front().text().lines().count();
    assertTrue(lines <= MOST_LINES_IN_FRONT, () -> "README.md has " + lines + " lines");
  }

  @Test
  void noLineOfProse_isLong() {
    List<String> faults = new ArrayList<>();
    for (Page page : all) {
      for (Page.Line line : page.lines()) {
        int columns = line.text().codePointCount(0, line.text().length());
        if (line.part() == Page.Part.PROSE && columns > MOST_COLUMNS) {
          faults.add("%s:%d has %d columns".formatted(page.name(), line.number(), columns));
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void noSentence_isLong() {
    List<String> faults = new ArrayList<>();
    for (Page page : documentation.pages()) {
      for (Sentences.Sentence sentence : Sentences.of(page)) {
        if (sentence.words() > MOST_WORDS) {
          faults.add(
              "%s:%d has %d words: %s"
                  .formatted(page.name(), sentence.line(), sentence.words(), sentence.text()));
        }
      }
    }
    assertEquals("", String.join("\n", faults));
  }

  @Test
  void everyLink_leadsSomewhere() {
    List<String> faults = new ArrayList<>();
    for (Page page : all) {
      for (String link : links(page)) {
        Path target = target(page, link);
        String anchor = link.contains("#") ? link.substring(link.indexOf('#') + 1) : "";
        if (!target.startsWith(Documentation.ROOT) || !Files.exists(target)) {
          faults.add(page.name() + " links to " + link + ", which is not there");
        } else if (!anchor.isEmpty() && !anchors(target).contains(anchor)) {
          faults.add(page.name() + " links to " + link + ", which has no such heading");
        }
      }
    }
    assertEquals("", String.join("\n", faults));
  }

  @Test
  void everyPage_isTwoLinksFromTheFront() {
    Set<String> reached = new LinkedHashSet<>(Set.of("README.md"));
    for (int links = 0; links < MOST_LINKS_FROM_FRONT; links++) {
      reached.addAll(
          documentation.pages().stream()
              .filter(page -> reached.contains(page.name()))
              .flatMap(page -> links(page).stream().map(link -> name(target(page, link))))
              .collect(Collectors.toSet()));
    }
    Set<String> pages =
        documentation.pages().stream()
            .map(Page::name)
            .collect(Collectors.toCollection(TreeSet::new));
    pages.removeAll(reached);
    assertEquals(Set.of(), pages);
  }

  @Test
  void sentencesAndAnchors_areFoundAsReadersSeeThem() {
    Page page =
        Page.of(
            "p.md",
            """
            # One `two`: *three*, [four](x.md)!

            A b c
            d. E `f g. h` i? J
            - k [l m](n.md) o
              p. 10.5 q
            1. r

            ```sh
            s t. U
            ```
            | v | w |
            ## Same
            ## Same
            """);
    assertEquals(
        List.of(4, 4, 3, 1, 5, 2, 1, 1, 1),
        Sentences.of(page).stream().map(Sentences.Sentence::words).toList());
    assertEquals(Set.of("one-two-three-four", "same", "same-1"), anchors(page));
  }

  /** Links to files and headings of the repository, as they are written. */
  private static Set<String> links(Page page) {
    String prose =
        page.lines().stream()
            .filter(line -> line.part() != Page.Part.FENCED)
            .map(Page.Line::text)
            .collect(Collectors.joining("\n"));
    Set<String> links =
        LINK.matcher(prose.replaceAll("`[^`\n]*`", "code"))
            .results()
            .map(link -> link.group(1))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    links.removeIf(link -> ELSEWHERE.matcher(link).matches());
    return links;
  }

  private static Path target(Page page, String link) {
    Path from = Documentation.ROOT.resolve(page.name());
    String path = link.replaceFirst("#.*$", "");
    return path.isEmpty() ? from : from.resolveSibling(path).normalize();
  }

  private static String name(Path target) {
    return Documentation.ROOT.relativize(target).toString().replace('\\', '/');
  }

  private static Set<String> anchors(Path target) {
    return target.toString().endsWith(".md") ? anchors(Documentation.page(name(target))) : Set.of();
  }

  /** As GitHub makes them: small letters, hyphens for spaces, a number for what repeats. */
  private static Set<String> anchors(Page page) {
    Map<String, Integer> seen = new HashMap<>();
    Set<String> anchors = new TreeSet<>();
    for (Page.Line line : page.lines()) {
      Matcher heading = Pattern.compile("^#{1,6} (.+)$").matcher(line.text());
      if (line.part() == Page.Part.PROSE && heading.matches()) {
        String anchor =
            Sentences.plain(heading.group(1))
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .replace(' ', '-');
        int before = seen.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }
}
