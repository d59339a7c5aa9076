package io.limiter.server.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class RulesPageTextTest {

  @Test
  void everyList_hasItsHeading_andOneThatIsEmptyOrMissingHasNone() {
    String page =
        """
        {
          "loaded_at": "2026-11-27T03:00:00Z",
          "hash": "0123456789abcdef",
          "domains": [
            {"domain": "a", "file": "a.yaml", "kind": "rules", "rules": 1,
             "hash": "aaaaaaaaaaaaaaaa", "since": "2026-11-27T02:00:00Z"},
            {"domain": "mesh", "file": "mesh.yaml", "kind": "descriptors", "rules": 2,
             "hash": "bbbbbbbbbbbbbbbb", "since": "2026-11-27T03:00:00Z"}
          ],
          "problems": [],
          "warnings": ["mesh.yaml:3:1: key \\"x\\" is ignored"],
          "left_out": ["notes.txt"]
        }
        """;
    assertEquals(
        """
        2 domains in force, loaded at 2026-11-27T03:00:00Z, SHA-256 0123456789ab
          a     1 rule from a.yaml, since 2026-11-27T02:00:00Z, SHA-256 aaaaaaaaaaaa
          mesh  2 descriptors from mesh.yaml, since 2026-11-27T03:00:00Z, SHA-256 bbbbbbbbbbbb

        warnings:
          mesh.yaml:3:1: key "x" is ignored

        left out of the folder:
          notes.txt"""
            .replace("\n", System.lineSeparator()),
        RulesPageText.of(JsonParser.parseString(page).getAsJsonObject()));
  }
}
