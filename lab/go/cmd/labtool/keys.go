package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// lifetime of every certificate: longer than any lab lives.
const lifetime = 365 * 24 * time.Hour

// clients are the certificates that others show to the API server: file name, user, group.
var clients = []struct{ file, user, group string }{
	{"admin", "admin", "system:masters"},
	{"controller-manager", "system:kube-controller-manager", "system:masters"},
	{"scheduler", "system:kube-scheduler", ""},
	{"kube-proxy", "system:kube-proxy", ""},
	{"kwok", "kwok", "system:masters"},
}

type authority struct {
	directory   string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// keys writes an authority and every certificate and key that a cluster needs into one folder.
func keys(arguments []string) error {
	flags := flag.NewFlagSet("keys", flag.ExitOnError)
	directory := flags.String("dir", "", "folder to write to")
	addresses := flags.String("addresses", "127.0.0.1", "addresses of the API server, with commas")
	node := flags.String("node", "", "name of the real node")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	issuer, err := newAuthority(*directory)
	if err != nil {
		return err
	}
	return issuer.issueAll(strings.Split(*addresses, ","), *node)
}

func newAuthority(directory string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := newTemplate("lab-ca", "")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	issuer := &authority{directory, template, key}
	return issuer, issuer.write("ca", template, key)
}

func (a *authority) issueAll(addresses []string, node string) error {
	server := newTemplate("kube-apiserver", "")
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	for _, address := range addresses {
		server.IPAddresses = append(server.IPAddresses, net.ParseIP(address))
	}
	if err := a.issue("apiserver", server); err != nil {
		return err
	}
	for _, client := range clients {
		if err := a.issueClient(client.file, client.user, client.group); err != nil {
			return err
		}
	}
	if err := a.issueClient("kubelet", "system:node:"+node, "system:nodes"); err != nil {
		return err
	}
	return a.issueServiceAccountKey()
}

func (a *authority) issueClient(file, user, group string) error {
	template := newTemplate(user, group)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return a.issue(file, template)
}

func (a *authority) issue(file string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return a.write(file, template, key)
}

// issueServiceAccountKey writes the pair that signs and checks the tokens of service accounts.
func (a *authority) issueServiceAccountKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	if err := a.writePEM("sa.pub", "PUBLIC KEY", public); err != nil {
		return err
	}
	return a.writeKey("sa.key", key)
}

func (a *authority) write(file string, template *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if err := a.writePEM(file+".crt", "CERTIFICATE", der); err != nil {
		return err
	}
	return a.writeKey(file+".key", key)
}

func (a *authority) writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return a.writePEM(file, "EC PRIVATE KEY", der)
}

func (a *authority) writePEM(file, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(a.directory, file), text, 0o600)
}

func newTemplate(user, group string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	name := pkix.Name{CommonName: user}
	if group != "" {
		name.Organization = []string{group}
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      name,
		NotBefore:    now.Add(-time.Minute), // a clock that is a little behind
		NotAfter:     now.Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
}
