package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.util.JsonFormat;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client learns that knows the service by reflection alone, as grpcurl does. */
class ReflectionTest {

  @Test
  void detailsOfAnError_areReadByReflectionAlone() throws Exception {
    try (Service service = Service.over(LocalCounters.now())) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> service.ask().checkAndConsume(CheckAndConsumeRequest.getDefaultInstance()));
      List<Any> details =
          Objects.requireNonNull(StatusProto.fromThrowable(refused)).getDetailsList();
      assertFalse(details.isEmpty());
      for (Any detail : details) {
        String type = detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('/') + 1);
        assertEquals("google.rpc.BadRequest", type);
        String read =
            JsonFormat.printer()
                .print(DynamicMessage.parseFrom(described(service, type), detail.getValue()));
        assertTrue(read.contains("\"field\": \"domain\""), read);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "google.rpc.RetryInfo",
        "google.rpc.ErrorInfo",
        "google.rpc.QuotaFailure",
        "limiter.v1.CheckAndConsumeRequest",
        "envoy.service.ratelimit.v3.RateLimitRequest"
      })
  void typeOfAMessage_isFoundWithAllThatItImports(String type) throws Exception {
    try (Service service = Service.over(LocalCounters.now())) {
      assertEquals(type, described(service, type).getFullName());
    }
  }

  @Test
  void reflection_describesItself() throws Exception {
    try (Service service = Service.over(LocalCounters.now())) {
      FileDescriptor file = file(files(service, "grpc.reflection.v1.ServerReflection"), "");
      assertFalse(file.getServices().isEmpty());
    }
  }

  private static Descriptor described(Service service, String type) throws Exception {
    FileDescriptor file = file(files(service, type), "");
    return Objects.requireNonNull(
        file.findMessageTypeByName(type.substring(type.lastIndexOf('.') + 1)), type);
  }

  /** The file that declares a symbol, by an empty name, and those that it imports by theirs. */
  private static Map<String, FileDescriptorProto> files(Service service, String symbol)
      throws Exception {
    Map<String, FileDescriptorProto> files = new HashMap<>();
    files.put("", ask(service, question -> question.setFileContainingSymbol(symbol)));
    fetchImports(service, files, files.get(""));
    return files;
  }

  private static void fetchImports(
      Service service, Map<String, FileDescriptorProto> files, FileDescriptorProto of)
      throws Exception {
    for (String name : of.getDependencyList()) {
      if (!files.containsKey(name)) {
        files.put(name, ask(service, question -> question.setFileByFilename(name)));
        fetchImports(service, files, files.get(name));
      }
    }
  }

  private static FileDescriptor file(Map<String, FileDescriptorProto> files, String name)
      throws Exception {
    FileDescriptorProto file = Objects.requireNonNull(files.get(name), name);
    FileDescriptor[] imports = new FileDescriptor[file.getDependencyCount()];
    for (int i = 0; i < imports.length; i++) {
      imports[i] = file(files, file.getDependency(i));
    }
    return FileDescriptor.buildFrom(file, imports);
  }

  private interface Question {
    void set(ServerReflectionRequest.Builder question);
  }

  private static FileDescriptorProto ask(Service service, Question asked) throws Exception {
    ServerReflectionRequest.Builder question = ServerReflectionRequest.newBuilder();
    asked.set(question);
    var answer = new CompletableFuture<ServerReflectionResponse>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(service.channel)
            .serverReflectionInfo(new One<>(answer, response -> response));
    questions.onNext(question.build());
    ServerReflectionResponse response = answer.get(20, TimeUnit.SECONDS);
    questions.onCompleted();
    assertFalse(response.hasErrorResponse(), response::toString);
    ByteString first = response.getFileDescriptorResponse().getFileDescriptorProto(0);
    return FileDescriptorProto.parseFrom(first);
  }
}
