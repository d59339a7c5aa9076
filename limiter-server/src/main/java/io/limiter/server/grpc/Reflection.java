package io.limiter.server.grpc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.rpc.ErrorDetailsProto;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionProto;

/**
 * Tells clients what can be called, and what the details of errors mean.
 *
 * <p>gRPC reflects the files that declare services, and what they import. Ours do not import the
 * messages in the details of a status, which travel as bytes under the name of their type. A client
 * such as grpcurl, which knows a type by reflection alone, would print the bytes.
 */
final class Reflection {
  private Reflection() {}

  /** The service {@code grpc.reflection.v1.ServerReflection}. */
  static ServerServiceDefinition service() {
    ServerServiceDefinition service = ProtoReflectionServiceV1.newInstance().bindService();
    FileDescriptor file = file();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor((ProtoFileDescriptorSupplier) () -> file);
    service.getServiceDescriptor().getMethods().forEach(descriptor::addMethod);
    ServerServiceDefinition.Builder built = ServerServiceDefinition.builder(descriptor.build());
    service.getMethods().forEach(built::addMethod);
    return built.build();
  }

  /** A file that holds nothing, and imports all there is to know beside the services' own files. */
  private static FileDescriptor file() {
    FileDescriptor[] imports = {
      ServerReflectionProto.getDescriptor(), ErrorDetailsProto.getDescriptor()
    };
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder().setName("limiter/v1/reflected.proto").setSyntax("proto3");
    for (FileDescriptor imported : imports) {
      file.addDependency(imported.getName());
    }
    try {
      return FileDescriptor.buildFrom(file.build(), imports);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException("the file of what is reflected is not valid", e);
    }
  }
}
