{
  description = "steeliq: how the world's steel plants decarbonise, plant by plant, on your own machine";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  # Everything is built from the wheels that env/wheels.json names (the locks, for 64-bit Linux and CPython 3.13) by the
  # same scripts that scripts/build-kit runs. docs/packaging.md tells what of this was tried where.
  outputs =
    { self, nixpkgs }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      python = pkgs.python313;
      version = builtins.head (builtins.match ".*__version__ = \"([^\"]+)\".*" (builtins.readFile ./steeliq/__init__.py));
      recipe = builtins.fromTOML (builtins.readFile ./env/kit.toml);

      wheelsFor =
        purpose:
        pkgs.linkFarm "steeliq-${purpose}-wheels" (
          map (wheel: {
            inherit (wheel) name;
            path = pkgs.fetchPypi {
              inherit (wheel) pname version dist python abi platform hash;
              format = "wheel";
            };
          }) (builtins.filter (wheel: wheel.purpose == purpose) (builtins.fromJSON (builtins.readFile ./env/wheels.json)))
        );

      # The parts of the tree that a result depends on, so that nothing else rebuilds it.
      treeOf = names: pkgs.linkFarm "steeliq-tree" (map (name: { inherit name; path = ./. + "/${name}"; }) names);
      ownWheel = [ "LICENSE" "README.md" "docs" "env" "pyproject.toml" "scripts" "steeliq" ];

      # What wheels made for any Linux expect of the system.
      libraries = pkgs.lib.makeLibraryPath [ pkgs.stdenv.cc.cc.lib ];

      build =
        name: script: variables:
        pkgs.runCommand name (
          {
            nativeBuildInputs = [ python pkgs.binutils ];
            LD_LIBRARY_PATH = libraries;
            PYTHONDONTWRITEBYTECODE = "1";
            PYTHONHASHSEED = "0";
            SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt"; # py-rattler ends without, though it asks nobody
            SOURCE_DATE_EPOCH = toString recipe.source_date_epoch;
          }
          // variables
        ) ("export HOME=$TMPDIR\n" + script);

      # A virtual environment that holds exactly these wheels.
      environmentOf =
        name: folders:
        build name ''
          python3 -m venv --without-pip $out
          for wheel in $(printf '%s/*.whl ' $folders); do
            PYTHONPATH=$(echo $tools/installer-*.whl) $out/bin/python -m installer --no-compile-bytecode $wheel
          done
          $out/bin/python -m compileall -q -f --invalidation-mode unchecked-hash $out/lib
        '' { inherit folders; tools = wheelsFor "build"; };
      tools = environmentOf "steeliq-build-tools" [ (wheelsFor "build") ];
      environment = environmentOf "steeliq-environment" [ (wheelsFor "runtime") self.packages.${system}.wheel ];

      inTree = ''
        cp -rL $tree tree
        chmod -R u+w tree
        cd tree
        export PATH=$tools/bin:$PATH
      '';
    in
    {
      packages.${system} = {
        # the app; what it starts inherits the libraries
        default = pkgs.writeShellScriptBin "steeliq" ''
          export LD_LIBRARY_PATH=${libraries}''${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
          exec ${environment}/bin/python -m steeliq "$@"
        '';

        wheel = build "steeliq-wheel-${version}" ''
          ${inTree}
          python -m scripts.kit.wheel --out $out
        '' { inherit tools; tree = treeOf ownWheel; };

        kit = build "steeliq-kit-${version}" ''
          ${inTree}
          python -m scripts.kit.build --variant small --wheels $wheels --python ${python} --out $TMPDIR/dist
          mkdir $out
          cp $TMPDIR/dist/steeliq-* $out
        '' {
          inherit tools;
          tree = treeOf (ownWheel ++ [ "CITATION.cff" "environment.yml" ]);
          wheels = wheelsFor "runtime";
        };
      };

      apps.${system}.default = {
        type = "app";
        program = "${self.packages.${system}.default}/bin/steeliq";
      };

      devShells.${system}.default = pkgs.mkShell {
        packages = [ python pkgs.git ];
        LD_LIBRARY_PATH = libraries;
        STEELIQ_PYTHON = "${python}/bin/python3"; # scripts/setup makes .venv with it
      };

      checks.${system} = {
        # the model's tests that need no second solver and no browser, on the app as it is installed
        tests = build "steeliq-tests" ''
          cp -rL $tree tree
          cd tree
          PYTHONPATH=$pytest/lib/python3.13/site-packages $environment/bin/python -m pytest -q -p no:cacheprovider ${
            builtins.concatStringsSep " " (
              map (subject: "tests/simulation/test_${subject}.py") [ "books" "finance" "golden" "paths" "recipes" ]
            )
          }
          touch $out
        '' {
          inherit environment;
          pytest = environmentOf "steeliq-pytest" [ (wheelsFor "test") ];
          tree = treeOf [ "conftest.py" "pyproject.toml" "tests" ];
          CI = "1"; # Hypothesis tries the same examples each time
        };
        app = build "steeliq-app-check" ''
          export STEELIQ_HOME=$TMPDIR/home
          $app/bin/steeliq --version | grep -F ${version}
          $app/bin/steeliq run reference --years 2025-2026 --out $out
        '' { app = self.packages.${system}.default; };
        kit = build "steeliq-kit-check" ''
          cd $kit
          sha256sum --check --ignore-missing *.sha256
          touch $out
        '' { kit = self.packages.${system}.kit; };
      };
    };
}
