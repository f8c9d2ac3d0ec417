"""Starts, kills and stops a stack: MariaDB and so many replicas of each service."""
import os
import secrets
import shutil
import subprocess
import tempfile

from google.protobuf import duration_pb2, text_format
from harness.client import Connection, IntakeApi, ReportingApi, RoutingApi
from harness.database import Database
from harness.ports import PortLease
from harness.process import Process
from harness.waiting import wait_until
from zhuqi.config.v1 import database_pb2, intake_pb2, reporting_pb2, routing_pb2, server_pb2

SERVICES = ("intake", "routing", "reporting")


def binary(name):
    """The path of a binary of the build."""
    path = os.path.join(os.environ["ZHUQI_BIN"], name)
    assert os.path.exists(path), f"{path} is not there: build the target {name} first"
    return path


def write_file(path, text, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Replica:
    """One process of one service. Its address stays when it is started again."""

    def __init__(self, service, config_path, port, log_path, token, api):
        self.address = f"127.0.0.1:{port}"
        self.process = Process(service, [binary(f"zhuqi-{service}"), "--config", config_path], log_path)
        self.connection = Connection(self.address, token)
        self.api = api(self.connection)

    def start(self):
        self.process.start()

    def wait_serving(self):
        def serving():
            assert self.process.alive, f"{self.process.name} ended:\n{self.process.log()[-4000:]}"
            return self.connection.is_serving()

        wait_until(serving, 60, f"{self.process.name} is SERVING")

    def kill(self):
        self.process.kill()

    def restart(self):
        self.start()
        self.wait_serving()


class Stack:
    """Everything lies in `directory`, which is removed at the end unless ZHUQI_KEEP is set."""

    def __init__(self, replicas=1):
        # Short, since the path of a Unix socket is.
        self.directory = tempfile.mkdtemp(prefix="zhuqi-")
        os.mkdir(self._path("mariadb"))
        self.database = Database(self._path("mariadb"))
        self.token = secrets.token_hex(16)
        self.token_file = write_file(self._path("token"), self.token + "\n", 0o600)
        self.contact_keys = ["k1"]
        write_file(self.key_file("k1"), secrets.token_hex(32) + "\n", 0o600)
        self._leases = []
        ports = {service: [self._lease() for _ in range(replicas)] for service in SERVICES}
        self.replicas = {service: self._replicas(service, ports) for service in SERVICES}

    # The first replica of each service: all that most tests need.
    @property
    def intake(self):
        return self.replicas["intake"][0].api

    @property
    def routing(self):
        return self.replicas["routing"][0].api

    @property
    def reporting(self):
        return self.replicas["reporting"][0].api

    def address(self, service):
        return self.replicas[service][0].address

    def key_file(self, key_id):
        """Where a key of contacts lies."""
        return self._path(f"contact-{key_id}.key")

    def start(self):
        try:
            self.database.start()
            self._create_schemas()
            self._migrate()
            for replica in self._all():
                replica.start()
            for replica in self._all():
                replica.wait_serving()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        for replica in self._all():
            replica.connection.close()
            replica.process.kill()
        self.database.kill()
        for lease in self._leases:
            lease.release()
        if os.environ.get("ZHUQI_KEEP"):
            print("kept:", self.directory)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def logs(self, characters=3000):
        """The ends of all logs, for a test that failed."""
        return "\n".join(f"--- {replica.process.name} {replica.address}\n{replica.process.log()[-characters:]}"
                         for replica in self._all())

    def run_ctl(self, *arguments):
        """Runs zhuqictl against this stack."""
        endpoints = [word for service in SERVICES for word in (f"--endpoint-{service}", self.address(service))]
        return subprocess.run([binary("zhuqictl"), *endpoints, "--token-file", self.token_file, *arguments],
                              capture_output=True, text=True, timeout=60, check=False)

    def _path(self, *names):
        return os.path.join(self.directory, *names)

    def _all(self):
        return [replica for replicas in getattr(self, "replicas", {}).values() for replica in replicas]

    def _lease(self):
        self._leases.append(PortLease())
        return self._leases[-1].port

    def _replicas(self, service, ports):
        api = {"intake": IntakeApi, "routing": RoutingApi, "reporting": ReportingApi}[service]
        return [
            Replica(service, self._write_config(service, index, ports), port, self._path(f"{service}-{index}.log"),
                    self.token, api) for index, port in enumerate(ports[service])
        ]

    def _write_config(self, service, index, ports):
        config = {"intake": intake_pb2.IntakeConfig, "routing": routing_pb2.RoutingConfig,
                  "reporting": reporting_pb2.ReportingConfig}[service]()
        config.server.listen_address = f"127.0.0.1:{ports[service][index]}"
        config.server.developer_token_file = self.token_file
        config.database.CopyFrom(self._database_config(service, f"zhuqi_{service}"))
        for upstream in {"intake": (), "routing": ("intake",), "reporting": ("intake", "routing")}[service]:
            # All replicas of it: a follower goes on with another one when its own dies.
            getattr(config, upstream).CopyFrom(server_pb2.UpstreamConfig(
                address="ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports[upstream]),
                token_file=self.token_file))
        if service == "intake":
            for key_id in self.contact_keys:
                config.contact_keys.add(id=key_id, file=self.key_file(key_id))
        if service == "routing":
            config.search_index_directory = self._path(f"search-{index}")
        if service == "reporting":
            # Often, so that a restart in the middle starts from one.
            config.checkpoint_interval.CopyFrom(duration_pb2.Duration(seconds=1))
        return write_file(self._path(f"{service}-{index}.textproto"), text_format.MessageToString(config))

    def _database_config(self, service, user):
        return database_pb2.DatabaseConfig(socket=self.database.socket, user=user, database=f"zhuqi_{service}",
                                           password_file=self._path("database-password"))

    def _create_schemas(self):
        password = secrets.token_hex(16)
        write_file(self._path("database-password"), password, 0o600)
        for service in SERVICES:
            schema = f"zhuqi_{service}"
            # The service's own user reads and writes rows; only the migrations' user changes tables.
            self.database.execute(f"""
                CREATE DATABASE {schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
                CREATE USER '{schema}'@'localhost' IDENTIFIED BY '{password}';
                GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.* TO '{schema}'@'localhost';
                CREATE USER 'migrate_{service}'@'localhost' IDENTIFIED BY '{password}';
                GRANT ALL ON {schema}.* TO 'migrate_{service}'@'localhost';""")

    def _migrate(self):
        os.makedirs(self._path("migrate"), exist_ok=True)
        for service in SERVICES:
            write_file(self._path("migrate", f"migrate-{service}.textproto"),
                       text_format.MessageToString(self._database_config(service, f"migrate_{service}")))
        done = subprocess.run([binary("zhuqictl"), "migrate", *SERVICES, "--config", self._path("migrate")],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"zhuqictl migrate: {done.stdout}{done.stderr}"
