#include "tests/server/net/stub_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace sluice::test {

namespace {

std::string pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

std::string pem_of(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (!extension) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* make_certificate(EVP_PKEY* key, const char* name, long begin, long end) {
  static std::atomic<long> serial = 1;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begin);
  X509_gmtime_adj(X509_getm_notAfter(certificate), end);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name),
                             -1, -1, 0);
  return certificate;
}

bool wait_readable(int fd, int milliseconds) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) > 0;
}

class SocketPeer : public StubServer::Peer {
 public:
  SocketPeer(int fd, SSL* ssl, int number) : fd_(fd), ssl_(ssl), number_(number) {}

  std::string read_request() override {
    for (;;) {
      const auto end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::string head = pending_.substr(0, end);
        std::transform(head.begin(), head.end(), head.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto at = head.find("content-length:");
        const std::size_t length = at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 15, nullptr, 10);
        if (pending_.size() >= end + 4 + length) {
          std::string request = pending_.substr(0, end + 4 + length);
          pending_.erase(0, request.size());
          return request;
        }
      }
      if (!read_more()) return {};
    }
  }
  void write(std::string_view bytes) override {
    if (ssl_) {
      SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
      return;
    }
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void reset_at_end() override {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    reset_ = true;
  }
  void wait_for_close() override {
    while (read_more()) pending_.clear();
  }
  bool resumed() const override { return ssl_ && SSL_session_reused(ssl_) == 1; }
  int number() const override { return number_; }
  bool reset() const { return reset_; }

 private:
  bool read_more() {
    char bytes[4096];
    if (!(ssl_ && SSL_pending(ssl_) > 0) && !wait_readable(fd_, 5000)) return false;
    const auto n = ssl_ ? SSL_read(ssl_, bytes, sizeof bytes) : static_cast<int>(::recv(fd_, bytes, sizeof bytes, 0));
    if (n <= 0) return false;
    pending_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }
  int fd_;
  SSL* ssl_;
  int number_;
  bool reset_ = false;
  std::string pending_;
};

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 64) != 0)
    throw std::runtime_error("cannot listen on 127.0.0.1");
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

struct TestCa::Parts {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = nullptr;
  std::string pem;
};

TestCa::TestCa() : parts_(std::make_unique<Parts>()) {
  static std::atomic<int> count = 0;  // two authorities of one name would be told apart by signature only
  const std::string name = "test authority " + std::to_string(++count);
  parts_->certificate = make_certificate(parts_->key, name.c_str(), -7200, 86400);
  X509_set_issuer_name(parts_->certificate, X509_get_subject_name(parts_->certificate));
  extend(parts_->certificate, parts_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(parts_->certificate, parts_->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(parts_->certificate, parts_->key, EVP_sha256());
  parts_->pem = pem_of(parts_->certificate);
}

TestCa::~TestCa() {
  X509_free(parts_->certificate);
  EVP_PKEY_free(parts_->key);
}

const std::string& TestCa::pem() const { return parts_->pem; }

Identity TestCa::issue(const Wish& wish) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = make_certificate(key, "test peer", wish.begins_in_seconds, wish.ends_in_seconds);
  X509_set_issuer_name(certificate, X509_get_subject_name(parts_->certificate));
  if (!wish.alternative_names.empty()) extend(certificate, parts_->certificate, NID_subject_alt_name, wish.alternative_names);
  X509_sign(certificate, parts_->key, EVP_sha256());
  Identity identity{pem_of(certificate), pem_of(key)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

StubServer::StubServer(Handler handler, Identity identity, std::string client_ca_pem) : handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);
  if (!identity.certificate_pem.empty()) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    BIO* certificate_bio = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
    BIO* key_bio = BIO_new_mem_buf(identity.key_pem.data(), -1);
    X509* certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    if (!client_ca_pem.empty()) {
      BIO* ca_bio = BIO_new_mem_buf(client_ca_pem.data(), -1);
      X509* ca = PEM_read_bio_X509(ca_bio, nullptr, nullptr, nullptr);
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
      X509_free(ca);
      BIO_free(ca_bio);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
    context_ = context;
  }
  listener_ = listen_on_loopback(port_);
  acceptor_ = std::thread([this] { accept_all(); });
}

StubServer::~StubServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& peer : peers_) peer.join();
  ::close(listener_);
  SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

std::string StubServer::url() const { return (context_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_); }

void StubServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (stopping_) return;
      continue;
    }
    const int number = accepted_++;
    peers_.emplace_back([this, fd, number] { serve(fd, number); });
  }
}

void StubServer::serve(int fd, int number) {
  SSL* ssl = nullptr;
  bool ready = true;
  if (context_) {
    ssl = SSL_new(static_cast<SSL_CTX*>(context_));
    SSL_set_fd(ssl, fd);
    ready = SSL_accept(ssl) == 1;
  }
  bool reset = false;
  if (ready) {
    SocketPeer peer(fd, ssl, number);
    handler_(peer);
    reset = peer.reset();
  }
  if (ssl && !reset && ready) SSL_shutdown(ssl);
  SSL_free(ssl);
  if (!reset) {
    ::shutdown(fd, SHUT_WR);  // unread bytes would turn the close into a reset and lose what was written
    char bytes[4096];
    while (wait_readable(fd, 2000) && ::recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
  }
  ::close(fd);
}

std::string answer(int status, std::string_view body, std::string_view extra_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Text\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(extra_headers) + "\r\n" + std::string(body);
}

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace sluice::test
