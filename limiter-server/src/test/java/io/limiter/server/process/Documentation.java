package io.limiter.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.stream.Stream;

/**
 * README.md, every page of docs/ and what deploy/ says of failures, for the tests that hold them to
 * what the program does.
 */
public final class Documentation {
  /** The top of the repository; tests run in the module's folder. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private final List<Page> pages;

  private Documentation(List<Page> pages) {
    this.pages = pages;
  }

  /** Reads all pages. */
  public static Documentation read() {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream<Path> pages = docs.filter(file -> file.toString().endsWith(".md")).sorted();
      return new Documentation(
          Stream.of(
                  Stream.of(ROOT.resolve("README.md")),
                  pages,
                  Stream.of(ROOT.resolve("deploy/FAILURES.md")))
              .flatMap(each -> each)
              .map(Documentation::page)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Page page(Path file) {
    return page(ROOT.relativize(file).toString().replace('\\', '/'));
  }

  /** A page by its path below the top of the repository. */
  static Page page(String name) {
    try {
      return Page.of(name, Files.readString(ROOT.resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** README.md first, then the pages of docs/ by name, then that of deploy/. */
  public List<Page> pages() {
    return pages;
  }

  /** README.md. */
  public Page front() {
    return pages.get(0);
  }

  /** What stands between fences, of one language, on all pages. */
  public List<String> blocks(String language) {
    return pages.stream().flatMap(page -> page.blocks(language).stream()).toList();
  }

  /** The rules shown, and configurations of Envoy's service: their first level has a domain. */
  public List<Page.Block> rules() {
    return pages.stream()
        .flatMap(page -> page.blocks().stream())
        .filter(Page.Block::isRules)
        .toList();
  }

  /** What {@code pattern} finds on all pages. */
  public List<MatchResult> find(String pattern) {
    return pages.stream().flatMap(page -> page.find(pattern).stream()).toList();
  }
}
