import { describe, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, Module, Post } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import { Permission, Public } from '../../src/auth/permission.decorator.js';
import { startApiApp } from '../support/api-app.js';

describe('a handler without a permission', () => {
  test('stops the start, and is named', async () => {
    @Controller('forgotten')
    class ForgottenController {
      @Get()
      @Permission('view')
      remembered(): void {}

      @Get('one')
      one(): void {}

      @Post('two')
      two(): void {}
    }
    @Module({ controllers: [ForgottenController] })
    class ForgottenModule {}

    await expect(startApiApp([], { modules: [ForgottenModule] })).rejects.toThrow(
      'expected every route handler to declare @Permission(…) or @Public(), found none on: ForgottenController.one, ForgottenController.two',
    );
  });

  test('stops the start in a controller of somebody else, too', async () => {
    @Module({ controllers: [PrometheusController] })
    class TheirModule {}

    await expect(startApiApp([], { modules: [TheirModule] })).rejects.toThrow('PrometheusController.index');
  });

  test('is fine where its controller, or the class it inherits from, declares one', async () => {
    abstract class Base {
      @Get('inherited')
      @Public()
      inherited(): string {
        return 'inherited';
      }
    }
    @Permission('view')
    @Controller('declared')
    class DeclaredController extends Base {
      @Get()
      whole(): string {
        return 'whole';
      }

      notARoute(): void {}
    }
    @Injectable()
    class NotAController {
      get(): void {}
    }
    @Module({ controllers: [DeclaredController], providers: [NotAController] })
    class DeclaredModule {}

    const api = await startApiApp([], { modules: [DeclaredModule] });

    expect((await api.request.get('/api/v1/celery/declared')).text).toBe('whole');
    expect((await api.request.get('/api/v1/celery/declared/inherited')).text).toBe('inherited');
    await api.close();
  });
});

describe('a read-only service', () => {
  test('refuses what needs operate or administer, by the permission and not by the method', async () => {
    @Controller('acts')
    class ActsController {
      @Get('administer')
      @Permission('administer')
      administer(): void {}

      @Get('operate')
      @Permission('operate')
      operate(): void {}

      @Post('look')
      @Permission('view-payloads')
      look(): string {
        return 'seen';
      }
    }
    @Module({ controllers: [ActsController] })
    class ActsModule {}
    const api = await startApiApp([], { modules: [ActsModule], readOnly: true });

    const statuses = {
      administer: (await api.request.get('/api/v1/celery/acts/administer')).status,
      operate: (await api.request.get('/api/v1/celery/acts/operate')).status,
      look: (await api.request.post('/api/v1/celery/acts/look')).status,
    };

    expect(statuses).toEqual({ administer: 403, operate: 403, look: 201 });
    await api.close();
  });
});
