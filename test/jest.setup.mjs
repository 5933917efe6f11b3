// @willsoto/nestjs-prometheus is CommonJS and require()s Nest, which is ESM only. Jest's require() cannot load ESM on Node below 24.9,
// so it is handed the very instance the test already imported. jest.mock here reaches require() inside CommonJS packages only.
import { jest } from '@jest/globals';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';

jest.mock('@nestjs/common', () => common);
jest.mock('@nestjs/core', () => core);
