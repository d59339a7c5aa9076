package io.limiter.server.process;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The sentences of a page's prose. A paragraph, a heading and an item of a list each end one; so
 * does a full stop, question or exclamation mark before something that may begin another.
 */
final class Sentences {
  private static final Pattern STARTS_BLOCK =
      Pattern.compile("^\\s*(?:[-*+] |\\d+\\. |#{1,6} |> ?)");
  private static final Pattern END =
      Pattern.compile("(?<=[.!?])[\"')]*\\s+(?=[\\p{Lu}\\p{N}\"'(])");

  /** Counts as a word, however long. */
  private static final Pattern CODE = Pattern.compile("`[^`]*`");

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]");

  private Sentences() {}

  /**
   * A sentence.
   *
   * @param line where its paragraph begins
   */
  record Sentence(int line, String text) {
    int words() {
      return (int)
          Pattern.compile("\\s+").splitAsStream(text).filter(w -> WORD.matcher(w).find()).count();
    }
  }

  static List<Sentence> of(Page page) {
    List<Sentence> sentences = new ArrayList<>();
    StringBuilder paragraph = new StringBuilder();
    int begins = 1;
    for (Page.Line line : page.lines()) {
      boolean heading = line.text().startsWith("#");
      boolean starts = STARTS_BLOCK.matcher(line.text()).find();
      if (line.part() != Page.Part.PROSE || line.text().isBlank() || starts) {
        add(paragraph, begins, sentences);
      }
      if (line.part() == Page.Part.PROSE) {
        if (paragraph.isEmpty()) {
          begins = line.number();
        }
        paragraph.append(STARTS_BLOCK.matcher(line.text()).replaceFirst("")).append('\n');
      }
      if (heading) {
        add(paragraph, begins, sentences);
      }
    }
    add(paragraph, begins, sentences);
    return sentences;
  }

  private static void add(StringBuilder paragraph, int line, List<Sentence> sentences) {
    END.splitAsStream(plain(CODE.matcher(paragraph).replaceAll("Code")))
        .map(String::strip)
        .filter(sentence -> !sentence.isEmpty())
        .forEach(sentence -> sentences.add(new Sentence(line, sentence)));
    paragraph.setLength(0);
  }

  /** What a reader sees of it: no marks of code, emphasis and links. */
  static String plain(String markdown) {
    return markdown
        .replaceAll("!?\\[((?:[^\\[\\]]|\\[[^\\]]*\\])*)\\]\\([^)]*\\)", "$1")
        .replaceAll("[*`]+", "")
        .replaceAll("\\s+", " ");
  }
}
