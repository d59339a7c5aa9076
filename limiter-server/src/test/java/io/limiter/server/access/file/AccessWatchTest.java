package io.limiter.server.access.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.jwk.JWKSet;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.AccessTable;
import io.limiter.server.access.KnownCaller;
import io.limiter.server.access.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each look is told to be made. */
class AccessWatchTest {
  private static final String ONE = "callers: [{ name: one, users: [1], grants: [] }]\n";
  private static final String TWO = "callers: [{ name: two, users: [1], grants: [] }]\n";

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    write("access.yaml", ONE);
    write("secrets", "s".repeat(40));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private AccessWatch watch() throws IOException {
    return new AccessWatch(
        new AccessFiles(folder.resolve("access.yaml"), folder.resolve("secrets")),
        new KeyDownloads(KeyDownloads.EVERY),
        AccessListener.NONE,
        System::currentTimeMillis);
  }

  private static List<String> names(AccessWatch watch) {
    return watch.access().orElseThrow().table().callers().stream().map(KnownCaller::name).toList();
  }

  @Test
  void aChange_isInForceOnceItStays() throws IOException {
    try (AccessWatch watch = watch()) {
      write("access.yaml", TWO);
      watch.look();
      assertEquals(List.of("one"), names(watch));
      watch.look();
      assertEquals(List.of("two"), names(watch));
      AccessTable now = watch.access().orElseThrow().table();
      watch.look();
      assertSame(now, watch.access().orElseThrow().table(), "what stays is not read again");
    }
  }

  @Test
  void halfOfAFile_locksNobodyOut_alsoIfItIsValid() throws IOException {
    try (AccessWatch watch = watch()) {
      AccessTable before = watch.access().orElseThrow().table();
      write("access.yaml", "callers: []\n");
      watch.look();
      write("access.yaml", ONE);
      watch.look();
      watch.look();
      assertSame(before, watch.access().orElseThrow().table());
    }
  }

  @Test
  void whatCannotBeUsed_leavesTheOldInForce_untilItIsMended() throws IOException {
    try (AccessWatch watch = watch()) {
      AccessTable before = watch.access().orElseThrow().table();
      write("access.yaml", "callers: [");
      watch.look();
      watch.look();
      Files.delete(folder.resolve("secrets"));
      write("access.yaml", TWO);
      watch.look();
      watch.look();
      assertSame(before, watch.access().orElseThrow().table());
      write("secrets", "t".repeat(40));
      watch.look();
      watch.look();
      assertEquals(List.of("two"), names(watch));
    }
  }

  @Test
  void filesOfKeys_areLookedAtToo_alsoThoseThatCameLater() throws IOException {
    try (AccessWatch watch = watch()) {
      write("jwks.json", new Tokens("k1").jwks());
      write(
          "access.yaml",
          ONE + "issuers: [{ name: corp, issuer: i, audience: a, keys: jwks.json }]\n");
      watch.look();
      watch.look();
      AccessTable with = watch.access().orElseThrow().table();
      assertEquals(1, with.issuers().size());
      write("jwks.json", new JWKSet(new Tokens("k2").key()).toString());
      watch.look();
      watch.look();
      assertNotSame(with, watch.access().orElseThrow().table());
    }
  }

  @Test
  void filesThatCannotBeUsed_areRefusedAtTheStart() throws IOException {
    write("access.yaml", "callers: [");
    assertThrows(IOException.class, this::watch);
    write("access.yaml", ONE);
    write("secrets", "short");
    assertThrows(IOException.class, this::watch);
  }
}
